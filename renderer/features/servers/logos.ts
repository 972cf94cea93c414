import github from '../../../assets/connectors/github.svg'
import npm from '../../../assets/connectors/npm.svg'
import server from '../../../assets/connectors/server.svg'

/** One line per built-in connector, by the name it is shown under, in small letters. */
const LOGOS: Record<string, string> = { github, npm }

export const logoFor = (title: string, isServer: boolean): string =>
  (isServer ? undefined : LOGOS[title.toLowerCase().split(/[^a-z]/)[0] ?? '']) ?? server
