import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { say } from '../../../locales/say.ts'
import { shortcutOf, shortcutWords } from '../../contract/agreed/shortcut.ts'
import { visibleLine } from '../../contract/agreed/visible-text.ts'
import type { Input } from '../../contract/api.ts'
import type { Preferences } from '../../contract/preferences.ts'
import { type Act, type Context, collect, usage } from '../context.ts'

interface Options {
  redirectDomain: string[]
  anyRedirectDomain?: boolean
  /** Wrapped, because Commander takes null for an option without a value. */
  requestsPerMinute?: { limit: number | null }
  maxServers?: number
  largestAnswer?: number
  keepResults?: number
  keepActivity?: Preferences['activityDays']
  newVersions?: 'tell' | 'ask'
  localPage: string[]
  forgetLocalPages?: boolean
  /** Wrapped, as above. */
  raiseShortcut?: { keys: string | null }
  keepEvents?: number
  /** Wrapped, as above. */
  eventFile?: { path: string | null }
  keepAwake?: 'on' | 'off'
}

const keepAwakeOption = () =>
  new Option('--keep-awake <on|off>', say('cli.preference.option.keepAwake')).choices(['on', 'off'])

const newVersionsOption = () =>
  new Option('--new-versions <what>', say('cli.preference.option.newVersions')).choices(['tell', 'ask'])

/** What holds for everything: where clients may be sent back to, how much they may ask, and the keys that sign. */
export function addPreferenceCommands(program: Command, act: Act): void {
  addPreferences(program, act)
  addRotate(program, act)
}

function addPreferences(program: Command, act: Act): void {
  act(
    program
      .command('preferences')
      .alias('settings')
      .description(say('cli.preference.help.preferences'))
      .option('--redirect-domain <host>', say('cli.preference.option.redirectDomain'), collect, [])
      .option('--any-redirect-domain', say('cli.preference.option.anyRedirectDomain'))
      .option('--requests-per-minute <number>', say('cli.preference.option.requestsPerMinute'), perMinute)
      .option('--max-servers <number>', say('cli.preference.option.maxServers'), (text) => whole(text, 500))
      .option('--largest-answer <megabytes>', say('cli.preference.option.largestAnswer'), (text) =>
        whole(text, 256),
      )
      .option('--keep-results <minutes>', say('cli.preference.option.keepResults'), (text) =>
        whole(text, 1_440),
      )
      .option('--keep-activity <days>', say('cli.preference.option.keepActivity'), days)
      .addOption(newVersionsOption())
      .addOption(keepAwakeOption())
      .option('--local-page <origin>', say('cli.preference.option.localPage'), collect, [])
      .option('--forget-local-pages', say('cli.preference.option.forgetLocalPages'))
      .option('--raise-shortcut <keys>', say('cli.preference.option.raiseShortcut'), shortcut)
      .option('--keep-events <days>', say('cli.preference.option.keepEvents'), (text) => whole(text, 3_650))
      .option('--event-file <path>', say('cli.preference.option.eventFile'), eventFile),
    async (context, options: Options) => {
      const change = changeOf(options, context.terminal.cwd)
      const now =
        Object.keys(change).length > 0
          ? await context.host.call('preferences.set', change)
          : await context.host.call('preferences.get', undefined)
      context.answer(now, linesOf(now))
      if (now.raiseShortcut != null) await noteUnheard(context)
      if (now.keepAwake === true) await noteAsleep(context)
    },
  )
}

function addRotate(program: Command, act: Act): void {
  act(
    program
      .command('rotate')
      .description(say('cli.preference.help.rotate'))
      .option('--keys', say('cli.preference.option.keys'))
      .option('--yes', say('cli.preference.option.yes')),
    async (context, { keys, yes }: { keys?: boolean; yes?: boolean }) => {
      if (yes !== true) throw usage({ says: 'usage.signsOutEveryClient', params: { keys: keys === true } })
      await context.host.call('security.rotate', { keys: keys === true })
      context.answer({ rotated: { keys: keys === true } }, [
        say('cli.preference.newSigningKeysEvery', { keys: keys === true }),
      ])
    },
  )
}

function changeOf(options: Options, cwd: string): Input<'preferences.set'> {
  const { redirectDomain, anyRedirectDomain, requestsPerMinute, maxServers, largestAnswer } = options
  const { keepActivity, keepResults, newVersions, localPage, forgetLocalPages, raiseShortcut } = options
  const { keepEvents, eventFile: file, keepAwake } = options
  if (redirectDomain.length > 0 && anyRedirectDomain === true)
    throw usage({ says: 'usage.redirectDomainAndAny' })
  if (localPage.length > 0 && forgetLocalPages === true) throw usage({ says: 'usage.localPageAndForget' })
  return {
    ...(redirectDomain.length > 0 && { redirectDomains: redirectDomain }),
    ...(anyRedirectDomain === true && { redirectDomains: null }),
    ...(requestsPerMinute !== undefined && { requestsPerMinute: requestsPerMinute.limit }),
    ...(maxServers !== undefined && { maxServers }),
    ...(largestAnswer !== undefined && { largestAnswer }),
    ...(keepResults !== undefined && { resultMinutes: keepResults }),
    ...(keepActivity !== undefined && { activityDays: keepActivity }),
    ...(newVersions !== undefined && { newVersions }),
    ...(localPage.length > 0 && { localPages: localPage }),
    ...(forgetLocalPages === true && { localPages: [] }),
    ...(raiseShortcut !== undefined && { raiseShortcut: raiseShortcut.keys }),
    ...(keepEvents !== undefined && { timelineDays: keepEvents }),
    ...(keepAwake !== undefined && { keepAwake: keepAwake === 'on' }),
    ...(file !== undefined && { timelineFile: file.path && resolve(cwd, file.path) }),
  }
}

const linesOf = ({
  redirectDomains,
  requestsPerMinute,
  maxServers,
  largestAnswer,
  activityDays,
  resultMinutes,
  newVersions = 'tell',
  localPages = [],
  raiseShortcut,
  timelineDays = 90,
  timelineFile,
  keepAwake = false,
}: Preferences): string[] => [
  ...(redirectDomains === null
    ? [say('cli.preference.clientsMayBeSent')]
    : [say('cli.preference.clientsMayBeSentBack'), ...redirectDomains.map((one) => `  ${visibleLine(one)}`)]),
  requestsPerMinute === null
    ? say('cli.preference.eachClientMayMake')
    : say('cli.preference.eachClientMayMakeRequests', { requestsPerMinute }),
  say('cli.preference.upServersMayRun', { maxServers }),
  say('cli.preference.serverMaySendUp', { largestAnswer }),
  say('cli.preference.resultsKeptFor', { minutes: resultMinutes }),
  say('cli.preference.callsKeptFor', { days: activityDays }),
  say('cli.preference.newVersion', { newVersions }),
  ...(localPages.length === 0
    ? [say('cli.preference.noPageOnComputer')]
    : [say('cli.preference.thesePagesOnComputer'), ...localPages.map((one) => `  ${visibleLine(one)}`)]),
  raiseShortcut == null
    ? say('cli.preference.noKeysRaise')
    : say('cli.preference.keysRaise', { keys: shortcutWords(raiseShortcut, process.platform === 'darwin') }),
  say('cli.preference.eventsKeptFor', { days: timelineDays }),
  timelineFile == null
    ? say('cli.preference.noEventFile')
    : say('cli.preference.eventFileRead', { path: visibleLine(timelineFile) }),
  say('cli.preference.keepAwake', { keepAwake }),
]

/** Chosen keys that do nothing would be worse than none. */
async function noteUnheard(context: Context): Promise<void> {
  const { raiseShortcut } = await context.host.call('status.get', undefined)
  const state = raiseShortcut?.state
  if (state === 'taken' || state === 'wayland' || state === 'no-window')
    context.note(say(`settings.shortcut.${state}`))
}

async function noteAsleep(context: Context): Promise<void> {
  const { awake } = await context.host.call('status.get', undefined)
  if (awake === 'unavailable')
    context.note(`${say('settings.awake.unavailable')} ${say('settings.awake.unavailableHint')}`)
}

function shortcut(text: string): { keys: string | null } {
  if (text.toLowerCase() === 'off') return { keys: null }
  const keys = shortcutOf(text)
  if (keys === null) throw new InvalidArgumentError(say('cli.preference.giveKeys'))
  return { keys }
}

const eventFile = (text: string): { path: string | null } => ({
  path: text.toLowerCase() === 'off' ? null : text,
})

function whole(text: string, most: number): number {
  const value = Number(text)
  if (!/^\d{1,6}$/.test(text) || value < 1 || value > most)
    throw new InvalidArgumentError(say('cli.preference.giveNumberFrom1', { most }))
  return value
}

function days(text: string): Preferences['activityDays'] {
  const value = ([7, 30, 90, 365] as const).find((one) => String(one) === text)
  if (value === undefined) throw new InvalidArgumentError(say('cli.preference.give73090'))
  return value
}

const perMinute = (text: string): { limit: number | null } => ({
  limit: text.toLowerCase() === 'unlimited' ? null : whole(text, 100_000),
})
