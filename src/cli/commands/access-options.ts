import { InvalidArgumentError, Option } from 'commander'
import { say } from '../../../locales/say.ts'
import { Access } from '../../contract/access.ts'
import { collect } from '../context.ts'
import { readMoment } from '../dates.ts'

export const accessWords = (access: Access): string => say(`cli.accessWords.${access}`)

export const accessOption = () =>
  new Option('--access <level>', say('cli.access.option.access')).choices(Access.options)

/** `2026-12-31` (to the end of that day), `2026-12-31T18:00` or `never`; local time. Null: never. */
export function expiry(value: string, now: number): number | null {
  if (value.toLowerCase() === 'never') return null
  const at = readMoment(value, 'ends')
  if (at === null) throw new InvalidArgumentError(say('cli.access.writeDateSuchAs'))
  if (at <= now) throw new InvalidArgumentError(say('cli.access.timeOver'))
  return at - (at % 1_000)
}

const inMinutes = { m: 1, h: 60, d: 24 * 60 }

/** `30m`, `2h` or `1d`, in minutes. */
export function minutes(value: string): number {
  const [, number, unit] = /^(\d{1,5})([mhd])$/.exec(value) ?? []
  if (number === undefined) throw new InvalidArgumentError(say('cli.access.writeHowLong'))
  return Number(number) * inMinutes[unit as keyof typeof inMinutes]
}

/** Wrapped, because Commander takes null for an option without a value. */
export interface Expires {
  at: number | null
}

export const expiresOption = () =>
  new Option('--expires <date>', say('cli.access.option.expires')).argParser(
    (value): Expires => ({ at: expiry(value, Date.now()) }),
  )

export const abilityOption = () =>
  new Option('--ability <ability>', say('cli.access.option.ability'))
    .argParser(collect)
    .default([], say('cli.access.notNarrowed'))

export const toolOption = () =>
  new Option('--tool <tool>', say('cli.access.option.tool'))
    .argParser(collect)
    .default([], say('cli.access.everyTool'))
