import { describe, expect, it } from 'vitest'
import type { ConnectionRequest } from '../src/contract/access.ts'
import type { Approval } from '../src/contract/approvals.ts'
import { callNotice, connectionNotice } from './notices.ts'
import { nothingKnown } from './shell-state.ts'
import { trayModel } from './tray-model.ts'

const approval = (fields: Partial<Approval> = {}) =>
  ({
    id: 'ap_1',
    clientName: 'ChatGPT',
    tool: 'run',
    toolId: 'shell__run',
    toolTitle: 'Look at the weather',
    source: 'Shell',
    line: 'run {"command":"ls"}',
    lineSeen: 'hash-of-line',
    ...fields,
  }) as Approval
const words = (fields: Partial<Approval>, platform: NodeJS.Platform = 'linux') =>
  callNotice(approval(fields), platform).buttons.map(({ text }) => text)

describe('the notification of a call', () => {
  it('shows what would run before it offers to allow it', () => {
    expect(callNotice(approval(), 'linux')).toEqual({
      title: 'ChatGPT waits for you',
      body: 'run {"command":"ls"}\nFrom Shell (shell__run)',
      buttons: [
        { text: 'Allow once', action: { do: 'approve', id: 'ap_1', seen: 'hash-of-line' } },
        { text: "Don't allow", action: { do: 'deny', id: 'ap_1' } },
      ],
      open: { do: 'review', id: 'ap_1' },
    })
  })

  it.each([
    ['the line is not all of it', { lineSeen: null }],
    ['it would be drawn in another order', { line: 'run {"command":"א/../ב"}' }],
    ['it would be read as markup', { line: 'run {"command":"ls <b>"}' }],
    ['it would be read as a character’s code', { line: 'run {"command":"ls &amp; ls"}' }],
  ])('leads to the window when %s', (_why, fields) =>
    expect(words(fields)).toEqual(['Review…', "Don't allow"]),
  )

  it('takes nothing for markup where the system does not', () => {
    const fields = { line: 'run {"command":"ls <b> && ls"}' }
    expect(callNotice(approval(fields), 'darwin').body).toContain(fields.line)
    expect(words(fields, 'darwin')).toEqual(['Allow once', "Don't allow"])
    expect(callNotice(approval(fields), 'linux').body).toContain('ls &lt;b> &amp;&amp; ls')
  })

  it('cuts and writes out names, so that they push nothing away', () => {
    const { title, body } = callNotice(
      approval({ clientName: 'A'.repeat(5_000), source: '\u202eelif', toolTitle: 'x'.repeat(5_000) }),
      'linux',
    )
    expect(title).toBe(`${'A'.repeat(59)}… waits for you`)
    expect(body).toBe('run {"command":"ls"}\nFrom ⟨U+202E⟩elif (shell__run)')
  })
})

it('a stranger neither goes on with our sentence nor hides whose host it is', () => {
  const clientName = 'ChatGPT, and answers go to chatgpt.com. Open Drawbridge'
  const redirectHost = `chatgpt.com.${'a'.repeat(60)}.evil.example`
  const request = { id: 'cr_1', clientName, redirectHost } as ConnectionRequest
  const { body } = connectionNotice(request, 'darwin')
  expect(body).toMatch(
    /^Answers go to …a+\.evil\.example\. It says it is “ChatGPT, .* Open Drawbridge”\. Open/,
  )
  expect(connectionNotice({ ...request, clientName: 'A”. It is B' }, 'darwin').body).toContain(
    'It says it is “A⟨U+201D⟩. It is B”.',
  )
  const state = { ...nothingKnown, connections: [request] }
  const labels = trayModel(state, 0).items.map((item) => ('label' in item ? item.label : ''))
  expect(labels.join('\n')).toMatch(/ wants to connect \(…a+\.evil\.example\)…$/m)
})

it('the notification of a client shows its names as text', () => {
  const request = { id: 'cr_1', clientName: '<b>ChatGPT</b>', redirectHost: 'evil.example' }
  const { body, buttons, open } = connectionNotice(request as ConnectionRequest, 'linux')
  expect(body).toContain('Answers go to evil.example. It says it is “&lt;b>ChatGPT&lt;/b>”.')
  expect(buttons).toEqual([])
  expect(open).toEqual({ do: 'review', id: 'cr_1' })
})
