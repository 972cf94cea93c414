import { type Sentence, saidLater } from '../../../locales/say.ts'

/** IMAP servers whose name is not that of the address with `imap.` before it. By domain. */
const servers: Readonly<Record<string, string>> = {
  'gmail.com': 'imap.gmail.com',
  'googlemail.com': 'imap.gmail.com',
  'icloud.com': 'imap.mail.me.com',
  'me.com': 'imap.mail.me.com',
  'mac.com': 'imap.mail.me.com',
  'fastmail.com': 'imap.fastmail.com',
  'fastmail.fm': 'imap.fastmail.com',
  'yahoo.com': 'imap.mail.yahoo.com',
  'yahoo.de': 'imap.mail.yahoo.com',
  'yahoo.co.uk': 'imap.mail.yahoo.com',
  'ymail.com': 'imap.mail.yahoo.com',
  'aol.com': 'imap.aol.com',
  'gmx.de': 'imap.gmx.net',
  'gmx.net': 'imap.gmx.net',
  'gmx.at': 'imap.gmx.net',
  'gmx.ch': 'imap.gmx.net',
  't-online.de': 'secureimap.t-online.de',
  'posteo.de': 'posteo.de',
  'posteo.net': 'posteo.de',
  'outlook.com': 'outlook.office365.com',
  'outlook.de': 'outlook.office365.com',
  'hotmail.com': 'outlook.office365.com',
  'live.com': 'outlook.office365.com',
  'msn.com': 'outlook.office365.com',
}

export interface MailServer {
  host: string
  port: number
}

/** Encrypted from the first byte on (RFC 8314). */
const usualPort = 993

/** `server`: as typed, perhaps with a port; left out: as the address says. */
export function mailServer({ address, server }: { address: string; server: string | undefined }): MailServer {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase()
  const [host, port] = (server ?? servers[domain] ?? `imap.${domain}`).split(':') as [string, string?]
  return { host: host.toLowerCase(), port: port === undefined ? usualPort : Number(port) }
}

/** What helps where a password was refused. */
export function whereToGetPassword({ host }: MailServer): Sentence {
  const is = (...ends: string[]) => ends.some((end) => host === end || host.endsWith(`.${end}`))
  if (is('gmail.com', 'googlemail.com')) return saidLater('connector.mail.where.gmail')
  if (is('me.com', 'icloud.com')) return saidLater('connector.mail.where.icloud')
  if (is('fastmail.com', 'messagingengine.com')) return saidLater('connector.mail.where.fastmail')
  if (is('office365.com', 'outlook.com')) return saidLater('connector.mail.where.microsoft')
  if (is('yahoo.com', 'aol.com')) return saidLater('connector.mail.where.yahoo')
  if (is('gmx.net', 'gmx.com', 'web.de')) return saidLater('connector.mail.where.united')
  return saidLater('connector.mail.where.other')
}
