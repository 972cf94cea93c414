import { expect, type Page, test } from '@playwright/test'
import type { Fixture } from '../src/connectors/testing/fixture.ts'
import { startFixtureStripe } from '../src/connectors/testing/fixture-stripe.ts'
import { type RunningHost, startHost } from './fixtures/host.ts'

/** A payment service in the pages of the program as it is built: its owner sets it up with a wrong key, and then the right one. */
test.describe.configure({ mode: 'serial' })

const monthly = {
  ...{ id: 'price_1', currency: 'eur', product: 'prod_1', billing_scheme: 'per_unit', unit_amount: 1_900 },
  recurring: { interval: 'month', interval_count: 1, usage_type: 'licensed' },
}
const subscription = {
  ...{ id: 'sub_1', customer: 'cus_1', status: 'active', currency: 'eur', pause_collection: null },
  ...{ discounts: [], items: { data: [{ id: 'si_1', quantity: 2, price: monthly, discounts: [] }] } },
}

let host: RunningHost
let stripe: Fixture
let ui: Page
let key: string
test.beforeAll(async ({ browser }) => {
  stripe = await startFixtureStripe({ subscriptions: [subscription], transactions: [], tiers: {} })
  host = await startHost({ env: { DRAWBRIDGE_STRIPE_URL: stripe.url } })
  key = (await host.json<{ token: string }>('key', 'create', '--name', 'Editor', '--access', 'look')).token
  ui = await (await browser.newContext()).newPage()
  await ui.goto(host.ui)
  await ui.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Tools' }).click()
})
test.afterAll(async () => {
  await ui?.context().close()
  await host?.stop()
  await stripe?.close()
})

const revenue = () => ui.getByRole('region', { name: 'Revenue', exact: true })
const button = (name: string) => ui.getByRole('button', { name, exact: true })
const shot = async (name: string) => {
  const folder = process.env.DRAWBRIDGE_SHOTS
  if (folder) await ui.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
}
async function ask(): Promise<string> {
  const answer = await fetch(host.mcp, {
    method: 'POST',
    headers: {
      ...{ authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
      params: { name: 'get_revenue', arguments: {} },
    }),
  })
  return answer.text()
}

test('before it is set up, the page and every answer say that values are made up', async () => {
  await expect(revenue().getByText('made-up example values')).toBeVisible()
  await expect(revenue().getByText('What is my MRR?')).toBeVisible()
  expect(await ask()).toContain('DEMO: made up')
  await shot('demo')
})

test('with a wrong key, Test says so', async () => {
  await button('Set up Stripe').click()
  await expect(ui.getByText('Create restricted key')).toBeVisible()
  await button('Save').click()
  await expect(ui.getByText('The service cannot be asked without it.')).toBeVisible()
  await shot('empty')
  await ui.getByLabel('Restricted key').fill('rk_live_wrong')
  await shot('dialog')
  await button('Save').click()
  // Without being asked.
  await expect(ui.getByText('Stripe does not accept the key it was shown.').first()).toBeVisible()
  await shot('wrong')
  // It stays open to be corrected; what was typed is kept.
  await button('Close').click()
  await button('Test My account of Stripe').click()
  await expect(ui.getByText('Stripe does not accept the key it was shown.').first()).toBeVisible()
  expect(await ask()).toContain('does not accept the key')
})

test('with the right one, Test says what works, and answers are real', async () => {
  await button('Change My account of Stripe').click()
  await ui.getByLabel('Restricted key').fill('rk_live_right')
  await button('Save').click()
  await button('Test My account of Stripe').click()
  await expect(ui.getByText('It works: Stripe lets the key read').first()).toBeVisible()
  await shot('right')
  const answer = await ask()
  expect(answer).toContain('EUR: MRR 38;')
  expect(answer).not.toContain('DEMO')
  expect(await host.cli('connector', 'test', 'stripe')).toMatchObject({ code: 0 })
  const { stdout } = await host.cli('connector', 'list')
  expect(stdout).not.toContain('rk_live')
})

test('on a small screen nothing is cut off', async () => {
  await ui.setViewportSize({ width: 360, height: 740 })
  expect(await ui.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false)
  await shot('narrow')
  await ui.emulateMedia({ colorScheme: 'dark' })
  await shot('narrow-dark')
})
