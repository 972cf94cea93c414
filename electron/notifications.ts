import { Notification } from 'electron'
import { say } from '../locales/say.ts'
import type { ConnectionRequest } from '../src/contract/access.ts'
import type { Approval } from '../src/contract/approvals.ts'
import type { Notice } from '../src/contract/status.ts'
import type { HostDoor } from './ipc.ts'
import { callNotice, connectionNotice, elsewhereNotice, type NotificationText } from './notices.ts'
import type { TrayAction } from './tray-actions.ts'

/**
 * Tells the user that a call or a client waits. A click opens the window on it; the buttons (where the system has them)
 * decide. Closing or ignoring a notification decides nothing: the wait runs out, and that means no.
 *
 * The arguments are shown, because nobody can agree to what is not. So what an assistant hands over, secrets too, may stand
 * on a lock screen for as long as the system shows notifications there.
 */
export function createNotifications(
  host: HostDoor,
  act: (action: TrayAction) => void,
  platform: NodeJS.Platform,
): { tell(key: string, text: NotificationText): void; stop(): void } {
  const shown = new Map<string, Notification>()

  const forget = (id: string) => {
    shown.get(id)?.close()
    shown.delete(id)
  }
  const keepOnly = (prefix: string, ids: readonly string[]) => {
    for (const key of [...shown.keys()])
      if (key.startsWith(prefix) && !ids.includes(key.slice(prefix.length))) forget(key)
  }
  const show = (key: string, { title, body, buttons, open }: NotificationText) => {
    if (!Notification.isSupported()) return
    forget(key)
    const notification = new Notification({
      title,
      body,
      actions: buttons.map(({ text }) => ({ type: 'button', text })),
      closeButtonText: say('notification.later'),
    })
    notification.on('click', () => act(open))
    notification.on('action', (details) => {
      const button = buttons[details.actionIndex]
      act(button === undefined ? open : button.action)
    })
    // Kept until decided: an unreferenced notification is collected, and its buttons with it.
    shown.set(key, notification)
    notification.show()
  }

  const asked = (approval: Approval) => show(`call:${approval.id}`, callNotice(approval, platform))
  const connecting = (request: ConnectionRequest) =>
    show(`connection:${request.id}`, connectionNotice(request, platform))

  const noticed = (notice: Notice) => show(`notice:${notice.id}`, elsewhereNotice(notice, platform))

  const stopListening = host.on((name, payload) => {
    if (name === 'approvals.asked') asked(payload as Approval)
    if (name === 'connections.asked') connecting(payload as ConnectionRequest)
    if (name === 'notices.added') noticed(payload as Notice)
    if (name === 'approvals.changed')
      keepOnly(
        'call:',
        (payload as Approval[]).map(({ id }) => id),
      )
    if (name === 'connections.changed')
      keepOnly(
        'connection:',
        (payload as ConnectionRequest[]).map(({ id }) => id),
      )
  })
  return {
    tell: show,
    stop() {
      stopListening()
      for (const id of [...shown.keys()]) forget(id)
    },
  }
}
