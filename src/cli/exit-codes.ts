import { say } from '../../locales/say.ts'
/** What the command line tells scripts; the same list is in `--help` and docs/cli.md. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  notRunning: 3,
  notFound: 4,
  refused: 5,
  alreadyRunning: 6,
  portTaken: 7,
  dataFolder: 8,
} as const

/** What a second try would end with as well: a service is left alone then. */
export const neverAgain: readonly number[] = [
  exitCodes.usage,
  exitCodes.alreadyRunning,
  exitCodes.portTaken,
  exitCodes.dataFolder,
]

export const exitCodeHelp = (): string =>
  [
    say('cli.exitCodes.title'),
    ...Object.entries(exitCodes).map(
      ([name, code]) => `  ${code}  ${say(`cli.exitCodes.${name as keyof typeof exitCodes}`)}`,
    ),
  ].join('\n')

/** By the error's code; the host's rooms choose theirs freely, so whole families are matched. */
const families: [RegExp, number][] = [
  // the command that a server would have been started with, not something of ours
  [/^command-not-found$/, exitCodes.failure],
  [/^(usage|bad-input|bad-domain|unknown-scope)$/, exitCodes.usage],
  [/^(redirect|grant-types|secret)-(invalid|needed)$/, exitCodes.usage],
  [/^host-not-running$/, exitCodes.notRunning],
  [/already-running|instance/, exitCodes.alreadyRunning],
  [/^port/, exitCodes.portTaken],
  // over in a moment: a service is to try again
  [/^database-busy$/, exitCodes.failure],
  [/^(data-folder|database|vault)/, exitCodes.dataFolder],
  [/not-found|unknown|(^|-)gone$/, exitCodes.notFound],
  [
    /refused|denied|declined|digits|raised|closed|expired|over$|taken|exists|already|not-allowed|fixed$|^too-many|^needs-|^draft-|^not-seen$/,
    exitCodes.refused,
  ],
]

export const exitCodeOf = (code: string): number =>
  families.find(([pattern]) => pattern.test(code))?.[1] ?? exitCodes.failure
