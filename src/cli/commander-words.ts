import { type Command, type CommanderError, Help, type HelpConfiguration } from 'commander'
import { say } from '../../locales/say.ts'
import { HostError } from '../kernel/errors.ts'

/** Its own words in `--help`. Commands that are made later take them over. */
export function sayHelp(program: Command): Command {
  const titles: Record<string, string> = {
    'Usage:': say('cli.commander.usage'),
    'Arguments:': say('cli.commander.arguments'),
    'Options:': say('cli.commander.options'),
    'Commands:': say('cli.commander.commands'),
  }
  const words: HelpConfiguration = {
    styleTitle: (title) => titles[title] ?? title,
    optionDescription(option) {
      const { optionDescription } = Help.prototype
      return behind(option.description, optionDescription.call(this as Help, option))
    },
    argumentDescription(argument) {
      const { argumentDescription } = Help.prototype
      return behind(argument.description, argumentDescription.call(this as Help, argument))
    },
  }
  return program
    .configureHelp(words)
    .helpOption('-h, --help', say('cli.commander.help'))
    .helpCommand('help [command]', say('cli.commander.help'))
}

/** `(choices: …, default: …)` behind a description. */
const behind = (description: string, whole: string): string =>
  description +
  whole
    .slice(description.length)
    .replace(
      /(?<=\(|, )(choices|default|env): /g,
      (_, word: 'choices' | 'default' | 'env') => `${say(`cli.commander.${word}`)} `,
    )

/** Its own sentences about what was typed. Those of `InvalidArgumentError` are ours, behind a sentence of its own. */
const sentences = [
  { shape: /^missing required argument '(?<name>.*)'$/s, says: 'usage.missingArgument' },
  { shape: /^option '(?<name>.*)' argument missing$/s, says: 'usage.missingValue' },
  { shape: /^required option '(?<name>.*)' not specified$/s, says: 'usage.missingOption' },
  { shape: /^unknown option '(?<name>[^\n]*)'$/, says: 'usage.unknownOption' },
  {
    shape: /^unknown option '(?<name>[^\n]*)'\n\(Did you mean (?<meant>[^ ]+)\?\)$/,
    says: 'usage.unknownOptionMeant',
  },
  { shape: /^unknown command '(?<name>[^\n]*)'$/, says: 'usage.unknownCommand' },
  {
    shape: /^unknown command '(?<name>[^\n]*)'\n\(Did you mean (?<meant>[^ ]+)\?\)$/,
    says: 'usage.unknownCommandMeant',
  },
  {
    shape:
      /^option '(?<name>.*?)' argument '(?<value>.*)' is invalid\. Allowed choices are (?<choices>.*)\.$/s,
    says: 'usage.notAChoice',
  },
  {
    shape: /^option '(?<name>.*?)' argument '(?<value>.*)' is invalid\. (?<why>.*)$/s,
    says: 'usage.invalidValue',
  },
  {
    shape:
      /^command-argument value '(?<value>.*)' is invalid for argument '(?<name>.*?)'\. Allowed choices are (?<choices>.*)\.$/s,
    says: 'usage.argumentNotAChoice',
  },
] as const

/** What it says about what was typed, in the user's language where it has a sentence of ours. */
export function typedWrong(error: CommanderError): HostError {
  const message = error.message.replace(/^error: /, '')
  for (const { shape, says } of sentences) {
    const found = shape.exec(message)
    if (found) return new HostError({ code: 'usage', says, params: { ...found.groups } as never })
  }
  const told = message.replace(/^./, (first) => first.toUpperCase())
  return new HostError({ code: 'usage', says: 'usage.typedWrong', params: { told } })
}
