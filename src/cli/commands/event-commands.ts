import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { say } from '../../../locales/say.ts'
import { visibleLine } from '../../contract/agreed/visible-text.ts'
import type { Input } from '../../contract/api.ts'
import { Severity, type TimelineEvent } from '../../contract/timeline.ts'
import { parseJson } from '../../kernel/exact-json.ts'
import { type Act, type Context, usage } from '../context.ts'
import { momentOf } from '../dates.ts'
import { table, when } from '../table.ts'

interface SendOptions {
  title?: string
  kind?: string
  env?: string
  version?: string
  severity?: string
  source?: string
  id?: string
  time?: number
  subject?: string
  metric?: string
  value?: number
}

interface ListOptions {
  kind?: string
  env?: string
  severity?: Severity
  source?: string
  search?: string
  since?: number
  until?: number
  limit: number
}

/** What happened to what the user runs: told by hand or by scripts, and looked at. */
export function addEventCommands(program: Command, act: Act): void {
  const group = program.command('event').description(say('cli.event.help.event'))
  addSend(group, act)
  addList(group, act)
}

const severities = () => new Option('--severity <severity>', say('cli.event.option.severity'))

function addSend(group: Command, act: Act): void {
  act(
    group
      .command('send')
      .description(say('cli.event.help.send'))
      .option('--title <text>', say('cli.event.option.title'))
      .option('--kind <kind>', say('cli.event.option.kind'))
      .option('--env <environment>', say('cli.event.option.env'))
      .option('--version <version>', say('cli.event.option.version'))
      .addOption(severities().choices(Severity.options))
      .option('--source <source>', say('cli.event.option.source'))
      .option('--id <id>', say('cli.event.option.id'))
      .option('--time <time>', say('cli.event.option.time'), (text) => momentOf(text, 'begins'))
      .option('--subject <text>', say('cli.event.option.subject'))
      .option('--metric <name>', say('cli.event.option.metric'))
      .option('--value <number>', say('cli.event.option.value'), number),
    async (context, options: SendOptions) => {
      const events =
        options.title === undefined && options.metric === undefined ? await piped(context) : [made(options)]
      const sent = await context.host.call('timeline.send', { events })
      const fresh = sent.events.filter(({ isNew }) => isNew).length
      context.answer(sent, [
        say('cli.event.sent', { fresh, known: sent.events.length - fresh }),
        ...(sent.events.length === 1 ? [sent.events[0]!.id] : []),
      ])
    },
  )
}

function addList(group: Command, act: Act): void {
  act(
    group
      .command('list')
      .description(say('cli.event.help.list'))
      .option('--kind <kind>', say('cli.event.option.onlyKind'))
      .option('--env <environment>', say('cli.event.option.onlyEnv'))
      .addOption(
        new Option('--severity <severity>', say('cli.event.option.onlySeverity')).choices(Severity.options),
      )
      .option('--source <source>', say('cli.event.option.onlySource'))
      .option('--search <words>', say('cli.event.option.search'))
      .option('--since <date>', say('cli.event.option.since'), (text) => momentOf(text, 'begins'))
      .option('--until <date>', say('cli.event.option.until'), (text) => momentOf(text, 'ends'))
      .option('--limit <number>', say('cli.event.option.limit'), limit, 20),
    async (context, options: ListOptions) => {
      const { kind, env: environment, severity, source, since, until, search, limit: most } = options
      const filter = { kind, environment, severity, source, since, until }
      const events = await context.host.call('timeline.list', { search, filter, limit: most })
      context.answer(events, events.length === 0 ? [say('cli.event.none')] : lines(events, context))
    },
  )
}

const lines = (events: TimelineEvent[], { terminal }: Context): string[] =>
  table(
    ['when', 'kind', 'environment', 'severity', 'title', 'id'],
    events.map(({ at, kind, environment, version, severity, title, id }) => [
      when(at),
      kind,
      [environment ?? '-', version].filter(Boolean).join(' '),
      severity ?? '-',
      visibleLine(title),
      id,
    ]),
    terminal.width,
  )

/** CloudEvents on standard input: one, a list of them, or one to a line. */
async function piped({ terminal }: Context): Promise<unknown[]> {
  const text = (await terminal.input?.())?.trim()
  if (!text) throw usage({ says: 'usage.noEvent' })
  const whole = parseJson(text)
  if (whole !== undefined) return Array.isArray(whole) ? whole : [whole]
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.map((line, n) => {
    const event = parseJson(line)
    if (event === undefined) throw usage({ says: 'usage.eventNotJson', params: { line: n + 1 } })
    return event
  })
}

const made = (options: SendOptions): Input<'timeline.send'>['events'][number] => {
  const { title, env: environment, version, severity, subject, metric, value } = options
  const kind = options.kind ?? (metric === undefined ? 'note' : 'metric')
  return {
    specversion: '1.0',
    id: options.id ?? randomUUID(),
    source: options.source ?? `cli://${hostname()}`,
    type: `drawbridge.${kind}`,
    time: new Date(options.time ?? Date.now()).toISOString(),
    ...{ kind, title, environment, version, severity, subject, metric, value },
  }
}

function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value))
    throw new InvalidArgumentError(say('cli.event.giveANumber'))
  return value
}

function limit(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= 200) return value
  throw new InvalidArgumentError(say('cli.preference.giveNumberFrom1', { most: 200 }))
}
