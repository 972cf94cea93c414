// `npm run bench`: installs the gateways to compare with, where they are used and nowhere else, and runs the comparison.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withPrepared } from './prepare.mjs'
import { become, findNode, root, run, say } from './process.mjs'

const bench = join(root, 'bench')
const stamp = join(bench, 'node_modules', '.installed-from')

async function installPeers() {
  const lock = createHash('sha256')
    .update(readFileSync(join(bench, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  // no scripts: they are only run, in folders of their own
  const args = ['ci', '--prefix', bench, '--no-audit', '--no-fund', '--ignore-scripts']
  const { code, output } = await run('Installing the gateways to compare with', 'npm', args)
  if (code !== 0) {
    say(output.trimEnd())
    throw new Error('The other gateways could not be installed. Check the connection to the internet.')
  }
  writeFileSync(stamp, lock)
}

await withPrepared(async () => {
  const args = process.argv.slice(2)
  if (!args.includes('--help')) await installPeers()
  return become(findNode(), [join(bench, 'run.ts'), ...args])
})
process.exit()
