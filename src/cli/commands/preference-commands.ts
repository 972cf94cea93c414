import { type Command, InvalidArgumentError, Option } from 'commander'
import { visibleLine } from '../../contract/agreed/visible-text.ts'
import type { Input } from '../../contract/api.ts'
import type { Preferences } from '../../contract/preferences.ts'
import { type Act, collect, usage } from '../context.ts'

interface Options {
  redirectDomain: string[]
  anyRedirectDomain?: boolean
  /** Wrapped, because Commander takes null for an option without a value. */
  requestsPerMinute?: { limit: number | null }
  maxServers?: number
  largestAnswer?: number
  keepActivity?: Preferences['activityDays']
  newVersions?: 'tell' | 'ask'
  localPage: string[]
  forgetLocalPages?: boolean
}

const newVersionsOption = () =>
  new Option('--new-versions <what>', 'when a server reports another version: tell, or ask first').choices([
    'tell',
    'ask',
  ])

/** What holds for everything: where clients may be sent back to, how much they may ask, and the keys that sign. */
export function addPreferenceCommands(program: Command, act: Act): void {
  act(
    program
      .command('preferences')
      .alias('settings')
      .description('show or change what holds for everything')
      .option(
        '--redirect-domain <host>',
        'the only hosts that clients may be sent back to, such as *.example.com (repeatable)',
        collect,
        [],
      )
      .option('--any-redirect-domain', 'any host that passes the usual rules')
      .option(
        '--requests-per-minute <number>',
        'how many requests one client may make within a minute, or unlimited',
        perMinute,
      )
      .option('--max-servers <number>', 'how many servers may run at the same time', (text) =>
        whole(text, 500),
      )
      .option('--largest-answer <megabytes>', 'how much a server may send in one answer', (text) =>
        whole(text, 256),
      )
      .option('--keep-activity <days>', 'how long calls are kept in the log: 7, 30, 90 or 365 days', days)
      .addOption(newVersionsOption())
      .option(
        '--local-page <origin>',
        'a page on this computer that may be a client, such as http://localhost:6274 (repeatable)',
        collect,
        [],
      )
      .option('--forget-local-pages', 'no page on this computer may be a client'),
    async (context, options: Options) => {
      const change = changeOf(options)
      const now =
        Object.keys(change).length > 0
          ? await context.host.call('preferences.set', change)
          : await context.host.call('preferences.get', undefined)
      context.answer(now, linesOf(now))
    },
  )

  act(
    program
      .command('rotate')
      .description('make new signing keys; every client is signed out and must be let in again')
      .option('--keys', 'end the access of named keys too')
      .option('--yes', 'really do it'),
    async (context, { keys, yes }: { keys?: boolean; yes?: boolean }) => {
      if (yes !== true)
        throw usage(
          `This signs out every client${keys === true ? ' and ends every named key' : ''} at once.`,
          `If you want that: drawbridge rotate${keys === true ? ' --keys' : ''} --yes`,
        )
      await context.host.call('security.rotate', { keys: keys === true })
      context.answer({ rotated: { keys: keys === true } }, [
        `There are new signing keys. Every client must be let in again${keys === true ? ', and every named key has ended' : ''}.`,
      ])
    },
  )
}

function changeOf(options: Options): Input<'preferences.set'> {
  const { redirectDomain, anyRedirectDomain, requestsPerMinute, maxServers, largestAnswer } = options
  const { keepActivity, newVersions, localPage, forgetLocalPages } = options
  if (redirectDomain.length > 0 && anyRedirectDomain === true)
    throw usage('--redirect-domain and --any-redirect-domain contradict each other.', 'Give one of them.')
  if (localPage.length > 0 && forgetLocalPages === true)
    throw usage('--local-page and --forget-local-pages contradict each other.', 'Give one of them.')
  return {
    ...(redirectDomain.length > 0 && { redirectDomains: redirectDomain }),
    ...(anyRedirectDomain === true && { redirectDomains: null }),
    ...(requestsPerMinute !== undefined && { requestsPerMinute: requestsPerMinute.limit }),
    ...(maxServers !== undefined && { maxServers }),
    ...(largestAnswer !== undefined && { largestAnswer }),
    ...(keepActivity !== undefined && { activityDays: keepActivity }),
    ...(newVersions !== undefined && { newVersions }),
    ...(localPage.length > 0 && { localPages: localPage }),
    ...(forgetLocalPages === true && { localPages: [] }),
  }
}

const linesOf = ({
  redirectDomains,
  requestsPerMinute,
  maxServers,
  largestAnswer,
  activityDays,
  newVersions = 'tell',
  localPages = [],
}: Preferences): string[] => [
  ...(redirectDomains === null
    ? ['Clients may be sent back to any host that passes the usual rules.']
    : [
        'Clients may be sent back to these hosts only:',
        ...redirectDomains.map((one) => `  ${visibleLine(one)}`),
      ]),
  requestsPerMinute === null
    ? 'Each client may make as many requests as it likes.'
    : `Each client may make ${requestsPerMinute} requests a minute.`,
  `Up to ${maxServers} servers may run at the same time.`,
  `A server may send up to ${largestAnswer} MB in one answer.`,
  `Calls are kept for ${activityDays === 365 ? 'a year' : `${activityDays} days`}.`,
  newVersions === 'tell'
    ? 'A server that reports another version goes on, and you are told.'
    : 'A server that reports another version loses its tools until you looked.',
  ...(localPages.length === 0
    ? ['No page on this computer may be a client.']
    : ['These pages on this computer may be clients:', ...localPages.map((one) => `  ${visibleLine(one)}`)]),
]

function whole(text: string, most: number): number {
  const value = Number(text)
  if (!/^\d{1,6}$/.test(text) || value < 1 || value > most)
    throw new InvalidArgumentError(`Give a number from 1 to ${most}.`)
  return value
}

function days(text: string): Preferences['activityDays'] {
  const value = ([7, 30, 90, 365] as const).find((one) => String(one) === text)
  if (value === undefined) throw new InvalidArgumentError('Give 7, 30, 90 or 365.')
  return value
}

const perMinute = (text: string): { limit: number | null } => ({
  limit: text.toLowerCase() === 'unlimited' ? null : whole(text, 100_000),
})
