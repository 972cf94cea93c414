import { type Command, Option } from 'commander'
import { say } from '../../locales/say.ts'
import { shownJson } from '../contract/agreed/visible-text.ts'
import { dataFolder } from '../control/data-folder.ts'
import { type ErrorParams, type ErrorText, HostError } from '../kernel/errors.ts'
import { createHostClient, type HostClient } from './host-client.ts'

/** Where the command line writes. Lines come without their end. */
export interface Terminal {
  out(line: string): void
  /** Text as it is on standard output; resolves once there is room for more, with false when nobody reads it any more. */
  write?(text: string): Promise<boolean>
  err(line: string): void
  /** Letters per line, when a person looks at it. */
  width: number | undefined
  env: NodeJS.ProcessEnv
  cwd: string
  /** All of standard input; only there when it is no terminal. */
  input?(): Promise<string>
  /** Asks a person yes or no; only there when one sits in front of it. */
  confirm?(question: string): Promise<boolean>
  /** Asks a person for something that nobody is to see; only there when one sits in front of it. */
  secret?(question: string): Promise<string>
}

/** What every command gets: its host, and the two ways to answer. */
export interface Context {
  json: boolean
  dataDir: string
  host: HostClient
  terminal: Terminal
  /** The result: as one line of JSON with `--json`, else the lines for people. */
  answer(value: unknown, lines: readonly string[]): void
  /** A word on the way, for people only; never on standard output. */
  note(line: string): void
  setExitCode(code: number): void
}

/** Options of a command, and its context, from what Commander parsed. */
type Run<Options, Args extends unknown[]> = (
  context: Context,
  options: Options,
  ...args: Args
) => Promise<void> | void

export type Act = <Options, Args extends unknown[]>(command: Command, run: Run<Options, Args>) => Command

/** Gives a command the options they all have, and its action. */
export function createAct(terminal: Terminal, setExitCode: (code: number) => void): Act {
  return (command, run) =>
    command
      .addOption(dataOption())
      .addOption(jsonOption())
      .action(async (...given: unknown[]) => {
        given.pop()
        const args = given.slice(0, -1)
        const options = command.optsWithGlobals<{ data?: string; json?: boolean }>()
        const json = options.json === true
        const dataDir = dataFolder(options.data, terminal.env)
        const context: Context = {
          json,
          dataDir,
          host: createHostClient(dataDir),
          terminal,
          answer(value, lines) {
            if (json) terminal.out(shownJson(value ?? { ok: true }, 0))
            else for (const line of lines) terminal.out(line)
          },
          note(line) {
            if (!json) terminal.err(line)
          },
          setExitCode,
        }
        await run(context, options as never, ...(args as never))
      })
}

export const dataOption = () => new Option('--data <folder>', say('cli.option.data'))

export const jsonOption = () => new Option('--json', say('cli.option.json'))

export const usage = <T extends ErrorText>(text: { says: T } & ErrorParams<T>) =>
  new HostError<T>({ code: 'usage', ...text } as never)

/** For options that may be given more than once. */
export const collect = (value: string, before: string[]): string[] => [...before, value]
