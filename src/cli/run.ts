import { Command, CommanderError } from 'commander'
import { chooseLocale, say } from '../../locales/say.ts'
import { shownJson, writtenLine, writtenText } from '../contract/agreed/visible-text.ts'
import { errorText, isHostError, toErrorReply } from '../kernel/errors.ts'
import { sayHelp, typedWrong } from './commander-words.ts'
import { addServeCommand } from './commands/serve-command.ts'
import { createAct, dataOption, jsonOption, type Terminal } from './context.ts'
import { exitCodeHelp, exitCodeOf, exitCodes } from './exit-codes.ts'
import { version } from './version.ts'

/** Runs one command. `argv` is what follows the program's name. Gives the exit code; throws nothing. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  chooseLocale(terminal.env.DRAWBRIDGE_LOCALE)
  let code: number = exitCodes.ok
  const said: string[] = []
  const program = sayHelp(new Command('drawbridge'))
    .description(say('cli.help.drawbridge'))
    .version(version, '-V, --version', say('cli.commander.version'))
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => said.push(text.trimEnd()),
    })
    // so that everything behind a command's name, and behind --, reaches that command untouched
    .enablePositionalOptions()
    .addOption(dataOption().hideHelp())
    .addOption(jsonOption().hideHelp())
    .addHelpText('after', `\n${say('cli.everyCommandTakesData')}\n\n${exitCodeHelp()}`)
  const act = createAct(terminal, (value) => {
    code = value
  })
  addServeCommand(program, act)
  // what serves runs for days, and needs none of the others
  if (argv[0] !== 'serve') (await import('./add-commands.ts')).addCommands(program, act)

  try {
    helpedWith(program, argv)?.help()
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.ok
      if (error.code === 'commander.help') {
        for (const text of said) terminal.err(text)
        return exitCodes.usage
      }
    }
    return fail(wordsOf(error), wantsJson(argv), terminal)
  }
}

/**
 * What `help server add` and `server help add` are about; null: nothing of the kind. Commander looks one step deep, and shows the help of
 * something else for what there is not. Throws CommanderError.
 */
function helpedWith(program: Command, argv: readonly string[]): Command | null {
  const { operands, unknown } = program.parseOptions([...argv])
  const [first = '', second, ...rest] = [...operands, ...unknown]
  const isInside = second === 'help' && (stepOf(program, first)?.commands.length ?? 0) > 0
  if (first !== 'help' && !isInside) return null
  const said = isInside ? [first, ...rest] : [second ?? '', ...rest]
  const path = said.filter((word, at) => word !== '' && !word.startsWith('-') && said[at - 1] !== '--data')
  let at = program
  for (const name of path) {
    const next = stepOf(at, name)
    if (next === undefined) throw unknownCommand(name)
    at = next
  }
  return at
}

const stepOf = (command: Command, name: string): Command | undefined =>
  command.commands.find((one) => one.name() === name || one.aliases().includes(name))

const unknownCommand = (name: string) =>
  new CommanderError(1, 'commander.unknownCommand', `error: unknown command '${name}'`)

/** Message and hint for people on standard error; with `--json` also `{"error": …}` on standard output. */
function fail(
  error: { code: string; message: string; hint: string },
  json: boolean,
  terminal: Terminal,
): number {
  if (json) terminal.out(shownJson({ error }, 0))
  // Of ours alone some have several lines. Names in them are written out already.
  const shown = error.code === 'usage' || error.code === 'internal' ? writtenText : writtenLine
  terminal.err(shown(error.message))
  if (error.hint) terminal.err(shown(error.hint))
  return exitCodeOf(error.code)
}

function wordsOf(error: unknown) {
  if (error instanceof CommanderError) return toErrorReply(typedWrong(error))
  if (isHostError(error)) return toErrorReply(error)
  return { code: 'internal', message: say('cli.somethingWentWrong'), hint: errorText(error) }
}

/** Also when the arguments could not be understood; what stands behind -- belongs to somebody else. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end < 0 ? undefined : end).includes('--json')
}
