/** Every page and dialog to be looked at: the scene, where, and what to press first. Long because it is one plain list. */
import type { Page } from '@playwright/test'
import type { Scene } from './scenes.ts'

interface Shot {
  name: string
  scene: Scene
  path: string
  act?(page: Page): Promise<unknown>
}

const press = (name: string | RegExp) => (page: Page) => page.getByRole('button', { name }).first().click()

const bottom = (name: string) => (page: Page) =>
  page.getByRole('region', { name }).evaluate((part) => part.scrollIntoView())

async function openBackup(page: Page, passphrase = 'three words and more') {
  await press('Restore a backup')(page)
  await page
    .getByLabel('The file with the backup')
    .setInputFiles({ name: 'home.drawbridge-backup', mimeType: '', buffer: Buffer.from('…') })
  await page.getByLabel('Passphrase').fill(passphrase)
  await press('Open it')(page)
  if (passphrase === 'three words and more') await page.getByText('Replace everything here?').waitFor()
}

const PASTED_VSCODE = JSON.stringify({
  servers: {
    quay: {
      type: 'http',
      url: 'https://mcp.quay.example/YOUR_TEAM/mcp',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: as VS Code has it
      headers: { Authorization: 'Bearer ${input:quay-key}' },
    },
  },
  inputs: [{ type: 'promptString', id: 'quay-key', description: 'Your key for Quay.', password: true }],
})
const PASTED_SEVERAL = JSON.stringify({
  mcpServers: {
    files: {
      command: 'npx',
      args: ['-y', '@modelcontextprotocol/server-filesystem', '/path/to/your/folder'],
    },
    search: { command: 'uvx', args: ['search-mcp'], env: { SEARCH_KEY: '<YOUR_KEY>' }, autoApprove: ['*'] },
    weather: { command: 'npx', args: ['-y', 'mcp-remote', 'https://weather.example/mcp'] },
    radio: { type: 'ws', url: 'wss://radio.example' },
  },
})

async function withDomain(page: Page) {
  await press('Change the way…')(page)
  await page.getByText('A domain of my own, or I would buy one.').click()
  await page.getByText('This needs the program').scrollIntoViewIfNeeded()
}
async function withAccount(page: Page) {
  await withDomain(page)
  await press('Set it up with my account…')(page)
  await page.getByLabel('API token').waitFor()
}

export const SHOTS: Shot[] = [
  { name: 'address-helper', scene: 'busy', path: '/settings', act: withDomain },
  {
    name: 'address-fetching',
    scene: 'busy',
    path: '/settings',
    async act(page) {
      await withDomain(page)
      await press('Download cloudflared')(page)
      await page.getByText('12 of 40 MB').scrollIntoViewIfNeeded()
    },
  },
  { name: 'address-token', scene: 'busy', path: '/settings', act: withAccount },
  {
    name: 'address-sign-in-waits',
    scene: 'busy',
    path: '/settings',
    async act(page) {
      await withAccount(page)
      await press('Sign in at Cloudflare')(page)
      await page.getByText('Cloudflare waits for you').waitFor()
    },
  },
  { name: 'address-sign-in-failed', scene: 'sign-in-failed', path: '/settings', act: withAccount },
  {
    name: 'address-signed-in',
    scene: 'signed-in',
    path: '/settings',
    async act(page) {
      await withDomain(page)
      await press('Set it up with my account…')(page)
      await page.getByRole('textbox', { name: 'Name' }).fill('www')
      await press('Use this address')(page)
      await page.getByText('already leads elsewhere').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'address-name',
    scene: 'busy',
    path: '/settings',
    async act(page) {
      await withAccount(page)
      await page.getByLabel('API token').fill('token_0123456789_0123456789_0123456789')
      await press('Show my domains')(page)
      await page.getByRole('textbox', { name: 'Name' }).fill('www')
      await press('Use this address')(page)
      await page.getByText('already leads to').scrollIntoViewIfNeeded()
    },
  },
  ...(['local', 'busy', 'opening', 'offline', 'raised', 'taken', 'errors'] as const).map((scene) => ({
    name: `home-${scene}`,
    scene,
    path: '/',
  })),
  {
    name: 'home-failed-command',
    scene: 'errors',
    path: '/',
    act: async (page) => {
      await press('Raise the bridge')(page)
      await page.getByText('could not be raised').first().waitFor()
    },
  },
  { name: 'home-elsewhere', scene: 'address-elsewhere', path: '/' },
  { name: 'openai-home', scene: 'openai', path: '/' },
  { name: 'openai-key', scene: 'openai-key', path: '/' },
  { name: 'openai-connect', scene: 'openai', path: '/connect/chatgpt' },
  { name: 'openai-claude', scene: 'openai', path: '/connect/claude' },
  { name: 'openai-settings', scene: 'openai', path: '/settings' },
  { name: 'home-new-address', scene: 'taken', path: '/', act: press('Use a new address') },
  {
    name: 'home-waiting',
    scene: 'approval',
    path: '/',
    act: press('Decide later'),
  },
  { name: 'connect-start', scene: 'local', path: '/connect/chatgpt' },
  { name: 'connect-now', scene: 'connecting', path: '/connect/chatgpt' },
  { name: 'connect-stuck', scene: 'stuck', path: '/connect/chatgpt' },
  { name: 'connect-entering', scene: 'entering', path: '/connect/chatgpt' },
  { name: 'connect-inside', scene: 'inside', path: '/connect/chatgpt' },
  { name: 'connect-inside-again', scene: 'inside-again', path: '/connect/chatgpt' },
  { name: 'home-needs', scene: 'broken', path: '/', act: press('Decide later') },
  { name: 'aside-elsewhere', scene: 'broken', path: '/tools', act: press('Decide later') },
  {
    name: 'create-key-kept',
    scene: 'busy',
    path: '/access',
    act: async (page) => {
      await press('Create a key')(page)
      await page.getByRole('textbox', { name: 'Name' }).fill('My editor')
      await press('Create the key')(page)
      await page.getByText('Copy the key now').waitFor()
      await page.keyboard.press('Escape')
    },
  },
  {
    name: 'form-left',
    scene: 'busy',
    path: '/tools',
    act: async (page) => {
      await press('Add a server')(page)
      await page.getByLabel('Command').fill('npx -y notes')
      await page.keyboard.press('Escape')
    },
  },
  { name: 'connect-done', scene: 'connected', path: '/connect/chatgpt' },
  { name: 'tools-empty', scene: 'empty', path: '/tools' },
  { name: 'tools-busy', scene: 'busy', path: '/tools' },
  {
    name: 'tools-errors',
    scene: 'errors',
    path: '/tools',
    act: async (page) => {
      await page.locator('summary').click()
      await bottom('Calendar')(page)
    },
  },
  {
    name: 'tools-failed-switch',
    scene: 'errors',
    path: '/tools',
    act: async (page) => {
      await page.getByRole('switch', { name: 'Read a file' }).click()
      await page.getByText('could not be saved').first().waitFor()
    },
  },
  {
    name: 'connectors',
    scene: 'connectors',
    path: '/tools',
    act: (page) => page.getByRole('button', { name: 'Set up Quay' }).scrollIntoViewIfNeeded(),
  },
  { name: 'folder-add', scene: 'busy', path: '/tools', act: press('Add a folder') },
  { name: 'folder-left-out', scene: 'busy', path: '/tools', act: press('313 left out of Documents') },
  { name: 'connector-secret', scene: 'connectors', path: '/tools', act: press('Set up Quay') },
  { name: 'connector-change', scene: 'connectors', path: '/tools', act: press('Change My account of npm') },
  { name: 'tools-new', scene: 'news', path: '/tools' },
  {
    name: 'tools-changed',
    scene: 'news',
    path: '/tools',
    act: (page) => page.getByText('Its description changed.').scrollIntoViewIfNeeded(),
  },
  {
    name: 'server-set-aside',
    scene: 'news',
    path: '/tools/s1',
    act: async (page) => {
      await page.locator('summary').click()
      await page.getByText('so it is offered as').scrollIntoViewIfNeeded()
    },
  },
  { name: 'tool-risk', scene: 'overridden', path: '/tools', act: press('Risk and note of Read a file') },
  {
    name: 'tool-who-asks',
    scene: 'overridden',
    path: '/tools',
    act: async (page) => {
      await press('Who asks you before Read a file?')(page)
      await page.getByText('Your note for assistants').scrollIntoViewIfNeeded()
    },
  },
  { name: 'tools-servers', scene: 'servers', path: '/tools' },
  { name: 'tools-servers-open', scene: 'servers', path: '/tools', act: bottom('Tickets') },
  {
    name: 'tools-search',
    scene: 'servers',
    path: '/tools',
    act: (page) => page.getByLabel('Find a tool').fill('file read'),
  },
  { name: 'tools-drafts', scene: 'drafts', path: '/tools' },
  { name: 'home-drafts', scene: 'drafts', path: '/' },
  { name: 'draft-program', scene: 'drafts', path: '/', act: press('Look at Notebook') },
  {
    name: 'draft-values',
    scene: 'drafts',
    path: '/',
    act: async (page) => {
      await press('Look at Notebook')(page)
      await page.getByText('LESSOPEN').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'draft-end',
    scene: 'drafts',
    path: '/',
    act: async (page) => {
      await press('Look at Notebook')(page)
      await page.getByRole('alertdialog').evaluate((box) => box.scrollTo(0, box.scrollHeight))
    },
  },
  { name: 'done-elsewhere', scene: 'elsewhere', path: '/access' },
  {
    name: 'add-confined',
    scene: 'busy',
    path: '/tools',
    act: async (page) => {
      await press('Add a server')(page)
      await page.getByLabel('Command').fill('PS4=$(evil) npx -y thing --dir "/home/me/My Notes"')
      await press('Add a value')(page)
      await page.getByLabel('Name', { exact: true }).first().fill('API_KEY')
      await page.getByLabel('Value of API_KEY').fill('sk-1')
      await page.getByLabel('Only its own folder').check()
    },
  },
  { name: 'draft-address', scene: 'drafts', path: '/tools', act: press('Look at Weather') },
  { name: 'server-page', scene: 'busy', path: '/tools/s1' },
  { name: 'server-left-out', scene: 'odd', path: '/tools/o1' },
  { name: 'server-downloading', scene: 'odd', path: '/tools/o2' },
  { name: 'server-starting', scene: 'odd', path: '/tools/o3', act: bottom('How it is used') },
  { name: 'tools-downloading', scene: 'odd', path: '/tools', act: bottom('Lighthouse') },
  {
    name: 'server-bottom',
    scene: 'busy',
    path: '/tools/s1',
    act: async (page) => {
      await page.locator('summary').click()
      await page.getByRole('button', { name: 'Remove this server' }).scrollIntoViewIfNeeded()
    },
  },
  { name: 'server-remove', scene: 'busy', path: '/tools/s1', act: press('Remove this server') },
  { name: 'server-change', scene: 'busy', path: '/tools/s1', act: press('Change what runs…') },
  { name: 'server-change-address', scene: 'servers', path: '/tools/w2', act: press('Change…') },
  {
    name: 'server-change-wrong',
    scene: 'busy',
    path: '/tools/s1',
    act: async (page) => {
      await press('Change what runs…')(page)
      await page.getByLabel('Command').fill('npx "notes')
      await page.getByRole('button', { name: 'Save', exact: true }).click()
    },
  },
  { name: 'server-key', scene: 'wrong-key', path: '/tools/k1' },
  { name: 'tools-key', scene: 'wrong-key', path: '/tools', act: bottom('Tickets') },
  { name: 'server-failed', scene: 'errors', path: '/tools/s2' },
  { name: 'server-stopped', scene: 'servers', path: '/tools/w5' },
  { name: 'server-sign-in', scene: 'servers', path: '/tools/w1' },
  { name: 'server-sign-in-waiting', scene: 'servers', path: '/tools/w2' },
  { name: 'server-sign-in-failed', scene: 'servers', path: '/tools/w4' },
  { name: 'server-signed-in', scene: 'servers', path: '/tools/w3' },
  { name: 'server-sign-out', scene: 'servers', path: '/tools/w3', act: press('Sign out of Tickets') },
  { name: 'server-gone', scene: 'busy', path: '/tools/nobody' },
  { name: 'tool-rename', scene: 'busy', path: '/tools', act: press('Rename Read a file') },
  {
    name: 'tool-rename-back',
    scene: 'servers',
    path: '/tools',
    act: async (page) => {
      await press('Show its tool: Tickets')(page)
      await press('Rename Search tickets')(page)
      await page.getByLabel('Name for assistants').fill('a b')
      await page.getByRole('dialog').getByRole('button', { name: 'Rename', exact: true }).click()
    },
  },
  { name: 'add-server-empty', scene: 'busy', path: '/tools', act: press('Add a server') },
  {
    name: 'pasted-one',
    scene: 'busy',
    path: '/tools',
    act: async (page) => {
      await press('Add a server')(page)
      await page
        .getByLabel('Command')
        .fill(`claude mcp add -e NOTES_DIR=~/notes notes -- cmd /c npx -y @scope/mcp-server-notes`)
      await page.getByText('Read as').waitFor()
    },
  },
  {
    name: 'pasted-placeholders',
    scene: 'busy',
    path: '/tools',
    act: async (page) => {
      await press('Add a server')(page)
      await page.getByLabel('Command').fill(PASTED_VSCODE)
      await page.getByText('Read as').waitFor()
      await press('Add it')(page)
    },
  },
  {
    name: 'pasted-several',
    scene: 'busy',
    path: '/tools',
    act: async (page) => {
      await press('Add a server')(page)
      await page.getByLabel('Command').fill(PASTED_SEVERAL)
      await page.getByText('Read as').waitFor()
    },
  },
  {
    name: 'pasted-several-end',
    scene: 'busy',
    path: '/tools',
    act: async (page) => {
      await press('Add a server')(page)
      await page.getByLabel('Command').fill(PASTED_SEVERAL)
      await page.getByText('Read as').waitFor()
      await page.getByRole('dialog').evaluate((box) => box.scrollTo(0, box.scrollHeight))
    },
  },
  {
    name: 'pasted-wrong',
    scene: 'busy',
    path: '/tools',
    act: async (page) => {
      await press('Add a server')(page)
      await page
        .getByLabel('Command')
        .fill('{\n  "mcpServers": {\n    "notes": {"command": "npx" "args": []}\n  }\n}')
      await page.getByText('is missing a comma').waitFor()
    },
  },
  {
    name: 'add-server-filled',
    scene: 'busy',
    path: '/tools',
    act: async (page) => {
      await press('Add a server')(page)
      await page
        .getByLabel('Command')
        .fill('TOKEN=abc npx -y @scope/mcp-server-notes --dir "/home/me/My Notes" && echo done')
      await press('Add a value')(page)
    },
  },
  {
    name: 'add-server-wrong',
    scene: 'busy',
    path: '/tools',
    act: async (page) => {
      await press('Add a server')(page)
      await page.getByRole('tab', { name: 'An address on the internet' }).click()
      await page.getByRole('textbox', { name: 'Address' }).fill('weather.example')
      await press('Add it')(page)
    },
  },
  {
    name: 'add-server-address',
    scene: 'busy',
    path: '/tools',
    act: async (page) => {
      await press('Add a server')(page)
      await page.getByRole('tab', { name: 'An address on the internet' }).click()
    },
  },
  {
    name: 'add-server-address-more',
    scene: 'busy',
    path: '/tools',
    act: async (page) => {
      await press('Add a server')(page)
      await page.getByRole('tab', { name: 'An address on the internet' }).click()
      await page.getByText('More options').click()
      await page.getByLabel('Scopes').fill('read')
      await press('Add it')(page)
      await page.getByText('The client ID is missing').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'add-server-program-more',
    scene: 'busy',
    path: '/tools',
    act: async (page) => {
      await press('Add a server')(page)
      await page.getByLabel('Command').fill('npx -y notes')
      await page.getByText('More options').click()
      await page.getByLabel('Folder to start it in').fill('notes')
      await press('Add and run it')(page)
      await page.getByText('Give the full path').scrollIntoViewIfNeeded()
    },
  },
  { name: 'access-empty', scene: 'local', path: '/access' },
  { name: 'access-busy', scene: 'busy', path: '/access' },
  {
    name: 'access-select',
    scene: 'busy',
    path: '/access',
    act: (page) => page.getByRole('combobox').first().click(),
  },
  { name: 'access-revoke', scene: 'busy', path: '/access', act: press('Revoke MCP — ChatGPT') },
  { name: 'create-key', scene: 'busy', path: '/access', act: press('Create a key') },
  {
    name: 'create-key-done',
    scene: 'busy',
    path: '/access',
    act: async (page) => {
      await press('Create a key')(page)
      await page.getByRole('textbox', { name: 'Name' }).fill('My editor')
      await press('Create the key')(page)
      await page.getByText('Copy the key now').waitFor()
    },
  },
  { name: 'activity-empty', scene: 'local', path: '/activity' },
  { name: 'activity-busy', scene: 'busy', path: '/activity' },
  {
    name: 'activity-many-detail',
    scene: 'many',
    path: '/activity',
    act: async (page) => {
      await page.getByRole('option').nth(3).click()
      await page.getByText('What came back').waitFor()
    },
  },
  {
    name: 'activity-found',
    scene: 'found',
    path: '/activity',
    act: async (page) => {
      await page.getByRole('option').nth(1).click()
      await page.getByText('Words that tell assistants').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'activity-undo',
    scene: 'writing',
    path: '/activity',
    act: (page) => page.getByText('write_note').first().click(),
  },
  {
    name: 'activity-undo-conflict',
    scene: 'writing',
    path: '/activity',
    act: async (page) => {
      await page.getByText('edit_note').first().click()
      await press('Undo this change')(page)
    },
  },
  { name: 'activity-errors', scene: 'errors', path: '/activity' },
  {
    name: 'activity-nothing-found',
    scene: 'busy',
    path: '/activity',
    act: (page) => page.getByLabel('Search the log').fill('zebra'),
  },
  { name: 'dialog-connection', scene: 'connection', path: '/' },
  { name: 'dialog-connection-part', scene: 'connectionPart', path: '/' },
  {
    name: 'dialog-connection-wrong-digits',
    scene: 'connection',
    path: '/',
    act: async (page) => {
      await page.getByLabel('Three digits').fill('999')
      await press('Let it in')(page)
      await page.getByText('These are not the digits').waitFor()
    },
  },
  { name: 'dialog-stranger', scene: 'stranger', path: '/' },
  { name: 'dialog-returning', scene: 'returning', path: '/' },
  {
    name: 'activity-filtered',
    scene: 'busy',
    path: '/activity?tool=files__write_file&result=approved',
  },
  {
    name: 'activity-no-fit',
    scene: 'busy',
    path: '/activity?risk=write&result=cancelled&time=range&from=2026-01-01',
  },
  { name: 'activity-export', scene: 'busy', path: '/activity?time=today', act: press('Export…') },
  { name: 'activity-check-whole', scene: 'busy', path: '/activity', act: press('Check the record') },
  { name: 'activity-check-changed', scene: 'tampered', path: '/activity', act: press('Check the record') },
  { name: 'diary-day', scene: 'busy', path: '/activity/diary' },
  { name: 'diary-week', scene: 'busy', path: '/activity/diary?by=week' },
  { name: 'diary-empty', scene: 'local', path: '/activity/diary' },
  { name: 'usage-full', scene: 'many', path: '/activity/usage' },
  {
    name: 'usage-servers',
    scene: 'many',
    path: '/activity/usage',
    act: (page) => page.getByRole('table', { name: 'Servers on this computer' }).scrollIntoViewIfNeeded(),
  },
  { name: 'usage-empty', scene: 'local', path: '/activity/usage' },
  { name: 'dialog-approval', scene: 'approval', path: '/activity' },
  {
    name: 'dialog-approval-lasting',
    scene: 'editable',
    path: '/',
    act: async (page) => {
      await page.getByRole('combobox', { name: 'From now on' }).click()
      await page.getByRole('option', { name: 'Never allow this tool' }).waitFor()
    },
  },
  {
    name: 'dialog-approval-edit',
    scene: 'editable',
    path: '/',
    act: async (page) => {
      await press('Change…')(page)
      await page.waitForTimeout(900)
    },
  },
  {
    name: 'dialog-approval-edit-wrong',
    scene: 'edit-unfit',
    path: '/',
    act: async (page) => {
      await press('Change…')(page)
      await page
        .getByLabel('What runs instead')
        .fill('{\n  "repository": "me/recipes",\n  "labels": "bug"\n}')
      await page.waitForTimeout(900)
      await press('Allow my version once')(page)
    },
  },
  { name: 'dialog-approval-mail', scene: 'mail', path: '/' },
  { name: 'dialog-approval-mail-exact', scene: 'mail', path: '/', act: press('Show exactly') },
  { name: 'dialog-approval-mail-hostile', scene: 'mail-hostile', path: '/', act: press('Show everything') },
  { name: 'dialog-approval-changes', scene: 'changes', path: '/' },
  { name: 'dialog-approval-changes-whole', scene: 'changes', path: '/', act: press('Show everything') },
  { name: 'dialog-approval-twenty', scene: 'twenty', path: '/' },
  {
    name: 'access-rules',
    scene: 'rules',
    path: '/access',
    act: (page) => page.getByRole('heading', { name: 'Rules', exact: true }).scrollIntoViewIfNeeded(),
  },
  {
    name: 'dialog-rule',
    scene: 'rules',
    path: '/access',
    act: async (page) => {
      await page.getByRole('button', { name: 'Change the rule about Write a file' }).first().click()
      await page.getByRole('checkbox', { name: 'Also after it read' }).check()
    },
  },
  { name: 'dialog-approval-queue', scene: 'queue', path: '/' },
  { name: 'dialog-approval-directions', scene: 'directions', path: '/' },
  { name: 'dialog-approval-hundred-kilobytes', scene: 'hundred-kilobytes', path: '/' },
  {
    name: 'dialog-approval-everything',
    scene: 'hundred-kilobytes',
    path: '/',
    act: press('Show everything'),
  },
  {
    name: 'dialog-approval-read',
    scene: 'hundred-kilobytes',
    path: '/',
    act: async (page) => {
      await page.getByRole('region', { name: 'Exact arguments' }).press('End')
      await page.waitForTimeout(900)
    },
  },
  { name: 'dialog-approval-markup', scene: 'markup', path: '/' },
  { name: 'dialog-approval-long-title', scene: 'long-title', path: '/' },
  {
    name: 'dialog-connection-limits',
    scene: 'connection',
    path: '/',
    act: async (page) => {
      await press('Change tools and end date')(page)
      await page.getByRole('radio', { name: 'Only the tools I choose' }).click()
      await press('Only reading')(page)
      await press('Show the tools of Files')(page)
      await page.getByText('Which tools?').scrollIntoViewIfNeeded()
    },
  },
  { name: 'dialog-narrow', scene: 'narrow', path: '/' },
  { name: 'dialog-narrowed', scene: 'narrowed', path: '/' },
  { name: 'access-workspaces', scene: 'workspaces', path: '/access', act: bottom('Apps registered by hand') },
  { name: 'grant-details', scene: 'busy', path: '/access', act: press('Details of MCP — ChatGPT') },
  {
    name: 'grant-details-bottom',
    scene: 'busy',
    path: '/access',
    act: async (page) => {
      await press('Details of MCP — ChatGPT')(page)
      await press('Change tools and end date')(page)
      await page.getByRole('combobox', { name: 'When does it end by itself?' }).click()
      await page.getByRole('option', { name: 'On a day I choose' }).click()
      await press('Save')(page)
      await page.getByText('Where it is signed in').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'grant-ask-again',
    scene: 'busy',
    path: '/access',
    act: async (page) => {
      await press('Details of MCP — ChatGPT')(page)
      await press('Ask again…')(page)
    },
  },
  { name: 'grant-ended', scene: 'workspaces', path: '/access', act: press('Details of MCP — Notebook') },
  {
    name: 'create-key-abilities',
    scene: 'busy',
    path: '/access',
    act: async (page) => {
      await press('Create a key')(page)
      await page.getByRole('textbox', { name: 'Name' }).fill('Planner')
      await press('Change abilities')(page)
      await page.getByRole('radio', { name: 'Only reading from what I choose' }).click()
      await press('Create the key')(page)
      await page.getByText('Which abilities').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'message-over-dialog',
    scene: 'busy',
    path: '/access',
    act: async (page) => {
      await press('Details of MCP — Claude')(page)
      await press('Ask again…')(page)
      await page.getByRole('alertdialog').getByRole('button', { name: 'Ask again', exact: true }).click()
      await page.getByText('MCP — Claude must ask again').waitFor()
    },
  },
  { name: 'create-key-workspaces', scene: 'workspaces', path: '/access', act: press('Create a key') },
  { name: 'register-app', scene: 'busy', path: '/access', act: press('Register an app') },
  {
    name: 'register-app-alone-wrong',
    scene: 'workspaces',
    path: '/access',
    act: async (page) => {
      await press('Register an app')(page)
      await page.getByRole('radio', { name: 'It works by itself' }).click()
      await press('Register it')(page)
    },
  },
  {
    name: 'register-app-done',
    scene: 'busy',
    path: '/access',
    act: async (page) => {
      await press('Register an app')(page)
      await page.getByRole('textbox', { name: 'Name' }).fill('Notebook')
      await page.getByLabel('Redirect addresses').fill('https://notebook.example/cb')
      await page.getByLabel('It can keep a secret').check()
      await press('Register it')(page)
      await page.getByText('Download JSON').waitFor()
    },
  },
  { name: 'register-app-remove', scene: 'workspaces', path: '/access', act: press('Remove Night job') },
  { name: 'tools-workspaces-none', scene: 'busy', path: '/tools', act: bottom('Workspaces') },
  { name: 'tools-workspaces', scene: 'workspaces', path: '/tools', act: bottom('Workspaces') },
  {
    name: 'workspace-add',
    scene: 'busy',
    path: '/tools',
    act: async (page) => {
      await press('Add a workspace')(page)
      await page.getByRole('textbox', { name: 'Name' }).fill('Work & Family')
      await press('Add the workspace')(page)
    },
  },
  { name: 'workspace-change', scene: 'workspaces', path: '/tools', act: press('Change Work') },
  { name: 'workspace-remove', scene: 'workspaces', path: '/tools', act: press('Remove Work') },
  { name: 'settings', scene: 'busy', path: '/settings' },
  { name: 'backup-section', scene: 'busy', path: '/settings', act: bottom('Backup') },
  {
    name: 'backup-make',
    scene: 'busy',
    path: '/settings',
    act: async (page) => {
      await press('Make a backup')(page)
      await page.getByRole('dialog').getByRole('button', { name: 'Make a backup' }).click()
    },
  },
  { name: 'backup-open', scene: 'busy', path: '/settings', act: press('Restore a backup') },
  {
    name: 'backup-wrong',
    scene: 'busy',
    path: '/settings',
    act: async (page) => {
      await openBackup(page, 'not this one')
      await page.getByText('does not open').waitFor()
    },
  },
  { name: 'backup-replace', scene: 'busy', path: '/settings', act: (page) => openBackup(page) },
  {
    name: 'backup-restored',
    scene: 'busy',
    path: '/settings',
    act: async (page) => {
      await openBackup(page)
      await press('Replace everything')(page)
      await page.getByText('The backup is ready').waitFor()
    },
  },
  { name: 'settings-list', scene: 'workspaces', path: '/settings' },
  { name: 'address-offline', scene: 'offline', path: '/settings' },
  { name: 'address-choose', scene: 'workspaces', path: '/settings', act: press('Change the way…') },
  ...(
    [
      ['account', 'I would make one free account.'],
      ['server', 'A server, or an address that leads here already.'],
      ['openai', 'An account at OpenAI’s Platform. I only use ChatGPT.'],
    ] as const
  ).map(([name, have]) => ({
    name: `address-choose-${name}`,
    scene: 'workspaces' as const,
    path: '/settings',
    act: async (page: Page) => {
      await press('Change the way…')(page)
      await page.getByRole('radio', { name: have }).click()
      await page.getByRole('button', { name: /^Use / }).click()
      await page.getByRole('button', { name: /^Use / }).scrollIntoViewIfNeeded()
    },
  })),
  { name: 'settings-file', scene: 'errors', path: '/settings' },
  {
    name: 'settings-pages',
    scene: 'workspaces',
    path: '/settings',
    act: async (page) => {
      await page.getByLabel('Address of the page').fill('localhost')
      await press('Add page')(page)
      await bottom('Pages on this computer')(page)
    },
  },
  { name: 'settings-limits', scene: 'workspaces', path: '/settings', act: bottom('Limits') },
  { name: 'settings-key', scene: 'busy', path: '/settings', act: bottom('Programs on this computer') },
  {
    name: 'settings-key-made',
    scene: 'busy',
    path: '/settings',
    act: async (page) => {
      await press('Create a key')(page)
      await page.getByText('Copy the key now').waitFor()
    },
  },
  { name: 'settings-key-replace', scene: 'workspaces', path: '/settings', act: press('New key…') },
  { name: 'settings-key-remove', scene: 'workspaces', path: '/settings', act: press('Remove…') },
  { name: 'settings-rotate', scene: 'busy', path: '/settings', act: press('Rotate signing keys') },
  { name: 'doctor-fine', scene: 'busy', path: '/doctor' },
  {
    name: 'doctor-broken',
    scene: 'workspaces',
    path: '/doctor',
    act: (page) => page.locator('summary').nth(3).click(),
  },
  { name: 'home-end-all', scene: 'busy', path: '/', act: press('End all access…') },
  { name: 'home-paused', scene: 'paused', path: '/', act: bottom('Last calls') },
  { name: 'access-paused', scene: 'paused', path: '/access' },
  {
    name: 'settings-keys-listening',
    scene: 'busy',
    path: '/settings',
    act: async (page) => {
      await press('Choose keys…')(page)
      await page.keyboard.press('Control+C')
      await bottom('Keys for the bridge')(page)
    },
  },
  { name: 'settings-keys-taken', scene: 'keys-taken', path: '/settings', act: bottom('Keys for the bridge') },
  {
    name: 'settings-keys-unheard',
    scene: 'keys-unheard',
    path: '/settings',
    act: bottom('Keys for the bridge'),
  },
  { name: 'home-held-back', scene: 'held-back', path: '/' },
  { name: 'access-held-back', scene: 'held-back', path: '/access' },
  { name: 'home-moved', scene: 'moved', path: '/', act: bottom('Your address has changed') },
  { name: 'moved', scene: 'moved', path: '/moved' },
  { name: 'moved-never', scene: 'busy', path: '/moved' },
  { name: 'home-away', scene: 'away', path: '/' },
  { name: 'log-away', scene: 'away', path: '/activity' },
  { name: 'home-stale', scene: 'busy', path: '/', act: bottom('An old list of tools') },
  { name: 'settings-awake', scene: 'busy', path: '/settings', act: bottom('Sleep') },
  { name: 'settings-no-awake', scene: 'no-awake', path: '/settings', act: bottom('Sleep') },
  { name: 'timeline-first', scene: 'busy', path: '/timeline' },
  {
    name: 'timeline',
    scene: 'timeline',
    path: '/timeline',
    act: (page) => page.locator('summary').first().click(),
  },
  {
    name: 'timeline-settings',
    scene: 'timeline',
    path: '/timeline',
    act: async (page) => {
      await bottom('Where events come from, and how long they stay')(page)
      await page.locator('summary').last().click()
    },
  },
  { name: 'timeline-file', scene: 'busy', path: '/timeline', act: press('Choose a file…') },
  { name: 'missing', scene: 'busy', path: '/nowhere' },
]
