/**
 * The pictures of the README, from a real host with a real server behind a real tunnel server:
 * `node e2e/screenshots.ts` after `npm run build`.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { chromiumOptions } from '../scripts/chromium.mjs'
import { startProtectedServer } from '../src/servers/sign-in/testing/fixture-protected-server.ts'
import { startHost } from './fixtures/host.ts'
import { startLocaltunnelServer } from './fixtures/localtunnel.ts'
import { startOlderServer, startTenantServer } from './fixtures/test-servers.ts'

const images = join(import.meta.dirname, '../docs/images')
const require = createRequire(import.meta.url)
const server = join(
  require.resolve('@modelcontextprotocol/server-filesystem/package.json'),
  '../dist/index.js',
)
const folder = mkdtempSync(join(tmpdir(), 'recipes-'))
mkdirSync(images, { recursive: true })

// A command as people have it, whose path says nothing about the computer the pictures are taken on.
const programs = mkdtempSync(join(tmpdir(), 'programs-'))
const program = `#!/bin/sh\nexec "${process.execPath}" "${server}" "$@"\n`
writeFileSync(join(programs, 'mcp-recipes'), program, { mode: 0o755 })

const tunnel = await startLocaltunnelServer()
const host = await startHost({
  tunnelHost: tunnel.host,
  env: { PATH: `${programs}:${process.env.PATH}` },
})
const [tides, notes, older] = await Promise.all([
  startTenantServer(),
  startProtectedServer(),
  startOlderServer(),
])
const browser = await chromium.launch(chromiumOptions)
try {
  await host.json('server', 'add', 'Recipes', '--', 'mcp-recipes', folder)
  await host.json('connect', 'chatgpt')
  const token = (await host.cli('key', 'create', '--name', 'ChatGPT on my phone')).stdout.trim()
  const page = await browser.newPage({ viewport: { width: 1100, height: 760 }, deviceScaleFactor: 1 })
  await page.goto(host.ui)
  await page.getByText('Open', { exact: true }).first().waitFor()
  // What was done on the command line is said on every page until its owner has read it.
  const readNotices = async (count: number) => {
    const dismiss = page.getByRole('button', { name: 'Dismiss' })
    for (let left = count; left > 0; left -= 1) {
      await dismiss.nth(left - 1).waitFor()
      await dismiss.first().click()
    }
    await dismiss.first().waitFor({ state: 'detached' })
  }
  await readNotices(2)
  const call = fetch(host.mcp, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: {
        name: 'recipes__write_file',
        arguments: {
          path: join(folder, 'apple cake.md'),
          content: '# Apple cake\n\n- 4 apples\n- 200 g flour\n- 3 eggs',
        },
      },
    }),
  })
  const dialog = page.getByRole('alertdialog')
  await dialog.waitFor()
  await page.waitForTimeout(800)
  await page.screenshot({ path: join(images, 'approval.png') })
  await dialog.getByRole('button', { name: 'Allow once' }).click()
  await call
  await dialog.waitFor({ state: 'hidden' })
  await page.waitForTimeout(400)
  await page.screenshot({ path: join(images, 'home.png') })

  await host.json('server', 'add', 'Tides', '--url', tides.url, '--header', 'X-Tenant: harbour')
  await host.cli('server', 'add', 'Notes', '--url', notes.url)
  await host.json('server', 'add', 'Library', '--url', older.url, '--sse')
  await host.cli('server', 'stop', 'library')
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Tools' }).click()
  await page.getByText('This server wants to know who you are.').waitFor()
  await readNotices(3)
  await page.mouse.move(0, 0)
  await page.waitForTimeout(400)
  await page.screenshot({ path: join(images, 'tools.png') })
} finally {
  await browser.close()
  await host.stop()
  await tunnel.stop()
  older.child.kill('SIGKILL')
  tides.close()
  await notes.close()
}
