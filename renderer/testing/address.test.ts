import { describe, expect, it } from 'vitest'
import type { CloudflareSignIn } from '../../src/contract/tunnel.ts'
import { soon, useStage } from './stage.ts'

describe('the way to the address', () => {
  const stage = useStage()
  const dialog = () => stage.page.getByRole('dialog')
  const openWays = async () => {
    await stage.show('busy', '/settings')
    await stage.button('Change the way…').click()
    await dialog().getByText('A domain of my own, or I would buy one.').click()
  }

  it('a program that a way needs is fetched when the button is pressed, and not before', async () => {
    await openWays()
    await dialog().getByText('This needs the program cloudflared, which is not on this computer.').waitFor()
    await dialog()
      .getByText(/version 2026\.8\.2 from its makers \(40 MB\)/)
      .waitFor()
    expect(stage.commands('helpers.fetch')).toEqual([])
    await stage.button('Download cloudflared').click()
    await dialog().getByText('12 of 40 MB').waitFor()
    expect(
      await dialog().getByRole('progressbar', { name: 'Downloading cloudflared…' }).getAttribute('value'),
    ).toBe('12400000')
    expect(stage.commands('helpers.fetch')).toEqual([{ id: 'cloudflared' }])
    await dialog().getByRole('button', { name: 'Cancel' }).first().click()
    await stage.button('Download cloudflared').waitFor()

    const failed = {
      ...{ id: 'cloudflared' as const, title: 'cloudflared', version: '2026.8.2', done: 1, bytes: 2 },
      failure: { message: 'cloudflared could not be downloaded.', hint: 'Check the internet connection.' },
    }
    stage.host.world().downloads = [failed]
    stage.host.tell('helpers.changed', [failed])
    await dialog().getByText('cloudflared could not be downloaded.').waitFor()
    await stage.button('Try again').click()
    await dialog().getByText('12 of 40 MB').waitFor()
  })

  it('OpenAI’s tunnel: what it wants, who can read along, and no address to paste', async () => {
    await stage.show('busy', '/settings')
    await stage.button('Change the way…').click()
    await dialog().getByText('An account at OpenAI’s Platform. I only use ChatGPT.').click()
    await dialog().getByText('OpenAI: all that passes, sign-ins too.').waitFor()
    await dialog().getByRole('button', { name: /^Use / }).click()
    await dialog().getByText('This is needed.').first().waitFor()
    await dialog().getByLabel('Tunnel', { exact: true }).fill('tunnel_0123456789abcdef0123456789abcdef')
    await dialog()
      .getByLabel('Key for the tunnel')
      .fill(`sk-admin-${'a'.repeat(40)}`)
    await dialog().getByRole('button', { name: /^Use / }).click()
    await dialog().getByText('This key could change your whole organization at OpenAI.').waitFor()
    await dialog()
      .getByLabel('Key for the tunnel')
      .fill(`sk-proj-${'a'.repeat(40)}`)
    await dialog().getByRole('button', { name: /^Use / }).click()
    await soon(() => expect(stage.commands('tunnel.use').at(-1)).toMatchObject({ id: 'openai' }))
    await stage.show('openai')
    await stage.page.getByText('Your tunnel', { exact: true }).waitFor()
    expect(await stage.page.getByText('.invalid').count()).toBe(0)
  })

  it('an address that waits for a program has the button on Home', async () => {
    await stage.show('busy')
    const { status } = stage.host.world()
    status.bridge = {
      ...status.bridge,
      state: 'offline',
      message: 'This way to a public address needs the program cloudflared, which is not on this computer.',
      hint: 'Press “Download cloudflared”.',
      action: {
        label: 'Download cloudflared',
        url: 'https://developers.cloudflare.com/',
        fetches: 'cloudflared',
      },
    }
    stage.host.tell('status.changed', status)
    await stage.button('Download cloudflared').click()
    await soon(() => expect(stage.commands('helpers.fetch')).toEqual([{ id: 'cloudflared' }]))
    await stage.page.getByText('12 of 40 MB').waitFor()
  })

  it('Cloudflare: a token, a domain, a name; one that leads elsewhere is taken only when that is confirmed', async () => {
    await openWays()
    await stage.button('Set it up with my account…').click()
    const page = new URL(
      (await dialog().getByRole('link', { name: 'Open Cloudflare' }).getAttribute('href'))!,
    )
    expect(JSON.parse(page.searchParams.get('permissionGroupKeys')!)).toHaveLength(3)
    await stage.button('Show my domains').click()
    await dialog().getByText('This is needed.').waitFor()
    await dialog().getByLabel('API token').fill('expired_0123456789_0123456789_0123456789')
    await stage.button('Show my domains').click()
    await dialog().getByText('Cloudflare does not take the API token.').waitFor()
    const token = 'token_0123456789_0123456789_0123456789'
    await dialog().getByLabel('API token').fill(token)
    await stage.button('Show my domains').click()

    await dialog().getByText('Which name shall your address have?').waitFor()
    await dialog().getByRole('combobox', { name: 'Domain' }).click()
    await stage.page.getByRole('option', { name: 'bakery.example' }).click()
    await dialog().getByLabel('Name').fill('www')
    await dialog().getByText('https://www.bakery.example/mcp').waitFor()
    await stage.button('Use this address').click()
    await dialog().getByText('www.bakery.example already leads to 192.0.2.7.').waitFor()
    await dialog().getByText('Let the name lead here all the same').click()
    await stage.button('Use this address').click()
    await dialog().waitFor({ state: 'detached' })
    expect(stage.commands('tunnel.cloudflareSetUp')).toEqual([
      { token, domain: 'bakery.example', label: 'www', replace: false },
      { token, domain: 'bakery.example', label: 'www', replace: true },
    ])
  })

  const signInIs = (now: CloudflareSignIn) => {
    stage.host.world().signIn = now
    stage.host.tell('tunnel.cloudflareSignInChanged', now)
  }

  it('Cloudflare: a sign-in in the browser, which ends when the dialog is left', async () => {
    await openWays()
    await stage.button('Set it up with my account…').click()
    await stage.button('Sign in at Cloudflare').click()
    await dialog().getByText('Cloudflare waits for you').waitFor()
    expect(
      await dialog().getByRole('link', { name: 'Open Cloudflare' }).first().getAttribute('href'),
    ).toMatch(/^https:\/\/dash\.cloudflare\.com\/argotunnel\?/)
    await dialog().getByRole('button', { name: 'Stop' }).click()
    await stage.button('Sign in at Cloudflare').waitFor()
    signInIs({
      ...{ state: 'failed' as const, url: null },
      failure: { message: 'The sign-in at Cloudflare came to nothing.', hint: 'Start it again.' },
    })
    await dialog().getByText('The sign-in at Cloudflare came to nothing.').waitFor()
    await stage.button('Sign in at Cloudflare').click()
    await dialog().getByText('Cloudflare waits for you').waitFor()

    signInIs({ state: 'ready', url: null, failure: null })
    await dialog().getByText('Which name shall your address have?').waitFor()
    await dialog().getByLabel('Name').fill('www')
    await stage.button('Use this address').click()
    await dialog().getByText('“www” already leads elsewhere.').waitFor()
    await dialog().getByText('Let the name lead here all the same').click()
    await stage.button('Use this address').click()
    await dialog().waitFor({ state: 'detached' })
    expect(stage.commands('tunnel.cloudflareSignInSetUp')).toEqual([
      { label: 'www', replace: false },
      { label: 'www', replace: true },
    ])

    await stage.button('Change the way…').click()
    await stage.button('Set it up with my account…').click()
    await stage.button('Sign in at Cloudflare').click()
    await dialog().getByText('Cloudflare waits for you').waitFor()
    await dialog().getByRole('button', { name: 'Cancel' }).click()
    await soon(() => expect(stage.host.world().signIn).toBe(null))
  })
})
