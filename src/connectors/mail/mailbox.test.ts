import { type AddressInfo, createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { silentLog } from '../../kernel/log/log.ts'
import { directly } from '../../net/network.ts'
import { createConnectors } from '../kit/connectors.ts'
import { createMemory, preloaded } from '../kit/testing/memory.ts'
import { mail } from '../mail.ts'
import { Desk } from '../testing/business.ts'
import { type FixtureImap, startFixtureImap } from '../testing/fixture-imap.ts'
import { Mailbox } from './mailbox.ts'

type Script = [RegExp, string][]
const usual: Script = [
  [/^CAPABILITY/, '* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\nOK done'],
  [/^LIST/, '* LIST () "/" INBOX\nOK done'],
  [/^EXAMINE/, '* 1 EXISTS\n* OK [UIDVALIDITY 7] valid\nOK done'],
  [/^UID SEARCH/, '* SEARCH 5\nOK done'],
  [/^UID FETCH/, '* 1 FETCH (UID 5 FLAGS () RFC822.SIZE 9)\nOK done'],
]
const examined = (exists: string) => `* ${exists} EXISTS\n* OK [UIDVALIDITY 7] valid\nOK done`

let open: FixtureImap[] = []
afterEach(async () => {
  await Promise.all(open.map((one) => one.close()))
  open = []
})
async function started(script: Script): Promise<Record<string, string>> {
  const imap = await startFixtureImap(
    (command) => [...script, ...usual].find(([is]) => is.test(command))?.[1] ?? 'OK done',
  )
  open.push(imap)
  const server = `127.0.0.1:${imap.port}`
  return { address: 'anna@mail.example', username: 'anna', password: 'app-password', server }
}
async function search(script: Script, args: Record<string, unknown> = {}) {
  const desk = new Desk([mail])
  await desk.save(await started(script))
  return (await desk.call('search_mail', args)).values
}

/** How long nobody else had a turn meanwhile, at most. Milliseconds. */
async function heldUp(what: () => Promise<unknown>): Promise<number> {
  let last = performance.now()
  let worst = 0
  const look = () => {
    worst = Math.max(worst, performance.now() - last)
    last = performance.now()
  }
  const timer = setInterval(look, 5)
  await what()
  look()
  clearInterval(timer)
  return worst
}

describe('a search that finds more than it looked through', () => {
  const numbers = (count: number, from = 1) => Array.from({ length: count }, (_, at) => from + at).join(' ')
  it.each<[string, string, string]>([
    ['as a range', '4000000000', '* ESEARCH UID ALL 1:200000\nOK done'],
    ['as the longest range', '4294967295', '* ESEARCH UID ALL 1:16777216\nOK done'],
    ['and more mail on the way', '1', '* 4294967295 EXISTS\n* ESEARCH UID ALL 1:16777216\nOK done'],
    [
      'one by one',
      '1',
      `* SEARCH ${numbers(50_000)}\n* SEARCH ${numbers(50_000, 50_001)}\n* SEARCH ${numbers(50_000, 100_001)}\nOK done`,
    ],
    ['one more', '4000', `* SEARCH ${numbers(4_001)}\nOK done`],
    ['without an end', '1', `${`* SEARCH ${'1 2 '.repeat(120_000)}3\n`.repeat(30)}OK done`],
  ])('has a garbled answer, and holds up nobody: %s', async (_what, exists, answer) => {
    // What is loaded the first time is not what is measured.
    await search([])
    const held = await heldUp(() =>
      expect(
        search([
          [/^EXAMINE/, examined(exists)],
          [/^UID SEARCH/, answer],
        ]),
      ).rejects.toMatchObject({
        code: 'service-answer-invalid',
        message: expect.stringContaining('127.0.0.1'),
      }),
    )
    expect(held).toBeLessThan(1_000)
  })

  it('is none where all fit', async () => {
    const all: Script = [
      [/^EXAMINE/, examined('4000')],
      [/^UID SEARCH/, '* ESEARCH (TAG "5") UID ALL 1:4000\nOK done'],
    ]
    expect(await search(all, { limit: 50 })).toMatchObject({ found: 4_000, more: true })
  })

  it('costs no other account', async () => {
    const desk = new Desk([mail])
    await desk.save(await started([]), { name: 'Good' })
    const bad: Script = [
      [/^EXAMINE/, examined('4000000000')],
      [/^UID SEARCH/, '* ESEARCH UID ALL 1:200000\nOK done'],
    ]
    await desk.save(await started(bad), { name: 'Bad' })
    expect((await desk.call('search_mail')).values).toMatchObject({
      accounts: [{ account: 'Good' }],
      failed: [{ account: 'Bad', problem: expect.stringContaining('cannot be read') }],
    })
  })
})

it.each([
  ['UIDVALIDITY', '* 1 EXISTS\nOK done'],
  ['EXISTS', '* OK [UIDVALIDITY 7] valid\nOK done'],
])(
  'a folder without %s is a garbled answer: no mail of it could be named, or found',
  async (_what, answer) => {
    await expect(search([[/^EXAMINE/, answer]])).rejects.toMatchObject({ code: 'service-answer-invalid' })
  },
)

it('a folder that is throttled for longer than there are dates says when to ask again', async () => {
  const answer = 'BAD Request is throttled. Suggested Backoff Time: 99999999999999999999 Milliseconds'
  await expect(search([[/^UID SEARCH/, answer]])).rejects.toMatchObject({
    code: 'service-rate-limited',
    hint: expect.stringContaining('(after 2026-11-16 12:00 UTC)'),
  })
}, 20_000)

describe('folders with very long names', () => {
  const long = (length: number) =>
    Array.from({ length: 60 }, (_, at) => `* LIST () "/" "${10 + at}${'f'.repeat(length - 2)}"`).join('\n')
  const list = (length: number): Script => [[/^LIST/, `${long(length)}\n* LIST () "/" INBOX\nOK done`]]

  it('are not there: nobody could name them', async () => {
    expect(await search(list(600))).toMatchObject({ folders: ['INBOX'] })
    expect((await search(list(400))).folders).toHaveLength(50)
  })

  it('are not all in an error', async () => {
    const { hint } = await search(list(400), { folder: 'Nowhere' }).catch((error) => error)
    expect(hint).toMatch(/^These are there: INBOX, /)
    expect(hint.length).toBeLessThan(2_100)
  })
})

it('what is taken back between two commands gives no other', async () => {
  const taken = new Error('taken back')
  let isTaken = false
  const imap = await startFixtureImap((command) => {
    if (command.startsWith('LIST')) isTaken = true
    return usual.find(([is]) => is.test(command))?.[1] ?? 'OK done'
  })
  open.push(imap)
  const connectors = createConnectors({
    ...createMemory(),
    ...{ fetch, clock: { now: () => 0 }, version: '1', connectors: [preloaded(mail)], log: silentLog },
  })
  const server = `127.0.0.1:${imap.port}`
  const values = { address: 'anna@mail.example', username: 'anna', password: 'app-password', server }
  await connectors.handlers.save({ slug: 'own-mail', values })
  const { signal } = new AbortController()
  const stillAllowed = () => {
    if (isTaken) throw taken
  }
  const answer = connectors.sources()[0]!.call('search_mail', {}, { signal, stillAllowed })
  await expect(answer).rejects.toBe(taken)
  expect(imap.commands.filter((one) => /^(?:LIST|EXAMINE|UID)/.test(one))).toHaveLength(1)
})

it('says no password to a server that greets when the call was taken back', async () => {
  const said: string[] = []
  let isAllowed = true
  const server = createServer((socket) => {
    socket.on('error', () => {})
    setTimeout(() => {
      isAllowed = false
      socket.write('* OK hello\r\n')
    }, 100)
    socket.on('data', (data) => {
      for (const line of String(data).split('\r\n').filter(Boolean)) {
        said.push(line)
        const capabilities = /CAPABILITY/i.test(line) ? '* CAPABILITY IMAP4rev1\r\n' : ''
        socket.write(`${capabilities}${line.split(' ')[0]} OK\r\n`)
      }
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  const check = () => {
    if (!isAllowed) throw new Error('taken back')
  }
  const limits = {
    network: directly,
    signal: new AbortController().signal,
    timeLeft: 5_000,
    now: Date.now,
    check,
  }
  const opening = Mailbox.open({ host: '127.0.0.1', port, user: 'anna', pass: 'pass-word' }, limits)
  await expect(opening).rejects.toThrow()
  server.close()
  expect(said.join('\n')).not.toContain('pass-word')
})
