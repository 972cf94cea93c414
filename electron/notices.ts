import { say } from '../locales/say.ts'
import type { ConnectionRequest } from '../src/contract/access.ts'
import type { Approval } from '../src/contract/approvals.ts'
import type { Notice } from '../src/contract/status.ts'
import {
  nativeHost,
  nativeLine,
  nativeName,
  nativeOrigin,
  nativeQuoted,
  seenInLine,
  writtenName,
} from './native-text.ts'
import type { TrayAction } from './tray-actions.ts'

export interface NotificationText {
  title: string
  body: string
  buttons: { text: string; action: TrayAction }[]
  /** What a press beside the buttons does. */
  open: TrayAction
}

/** On Linux the body may hold markup (Desktop Notifications Specification, "Markup"); elsewhere it is plain. */
const bodyText = (text: string, platform: NodeJS.Platform): string =>
  platform === 'linux' ? text.replaceAll('&', '&amp;').replaceAll('<', '&lt;') : text

/** What a notification says of a call, and what its buttons do. */
export function callNotice(approval: Approval, platform: NodeJS.Platform): NotificationText {
  const { id, clientName, line } = approval
  // Some of Linux's notification services show the escapes themselves: then it is not the whole truth any more.
  const seen = bodyText(line, platform) === line ? seenInLine(approval) : null
  return {
    title: say('notification.call', { name: writtenName(clientName, 60) }),
    body: bodyText(`${nativeLine(approval)}\n${nativeOrigin(approval)}`, platform),
    buttons: [
      seen === null
        ? { text: say('native.review'), action: { do: 'review', id } }
        : { text: say('approvals.allowOnce'), action: { do: 'approve', id, seen } },
      { text: say('native.dontAllow'), action: { do: 'deny', id } },
    ],
    open: { do: 'review', id },
  }
}

/** A client that waits is only looked at: its digits are typed in the window. */
export function connectionNotice(request: ConnectionRequest, platform: NodeJS.Platform): NotificationText {
  const client = nativeQuoted(request.clientName, 60)
  const host = nativeHost(request.redirectHost, 60)
  return {
    title: say('notification.connection'),
    body: bodyText(
      // What is known comes before what is claimed, which might be all that there is room for.
      say('notification.connectionText', { host, client }),
      platform,
    ),
    buttons: [],
    open: { do: 'review', id: request.id },
  }
}

/** What was done through another door than this app. */
export const elsewhereNotice = ({ message, hint }: Notice, platform: NodeJS.Platform): NotificationText => ({
  title: say('notification.elsewhere'),
  body: bodyText(nativeName(`${message} ${hint}`, 300), platform),
  buttons: [],
  open: { do: 'open' },
})

/** The bridge was raised with keys, perhaps with no window of ours in sight. */
export const raisedNotice = (): NotificationText => ({
  title: say('tray.state.raised'),
  body: say('notification.raisedText'),
  buttons: [],
  open: { do: 'open' },
})
