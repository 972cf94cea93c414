import { Notification } from 'electron'
import type { Approval, ConnectionRequest, Notice } from '../src/contract/models.ts'
import type { HostDoor } from './ipc.ts'
import { plainText } from './plain-text.ts'
import type { TrayAction } from './tray-model.ts'

const shownText = (text: string): string => plainText(text, 60)

/**
 * Tells the user that a call or a client waits. A click opens the window; the buttons (where the system has them)
 * decide. Closing or ignoring a notification decides nothing: the wait runs out, and that means no.
 * Arguments are never shown: notifications end up on lock screens.
 */
export function createNotifications(host: HostDoor, act: (action: TrayAction) => void): { stop(): void } {
  const shown = new Map<string, Notification>()

  const forget = (id: string) => {
    shown.get(id)?.close()
    shown.delete(id)
  }
  const keepOnly = (prefix: string, ids: readonly string[]) => {
    for (const key of [...shown.keys()])
      if (key.startsWith(prefix) && !ids.includes(key.slice(prefix.length))) forget(key)
  }
  const show = (id: string, title: string, body: string, buttons: { text: string; action: TrayAction }[]) => {
    if (!Notification.isSupported()) return
    forget(id)
    const notification = new Notification({
      title,
      body,
      actions: buttons.map(({ text }) => ({ type: 'button', text })),
      closeButtonText: 'Later',
    })
    notification.on('click', () => act({ do: 'open' }))
    notification.on('action', (details) => {
      const button = buttons[details.actionIndex]
      act(button === undefined ? { do: 'open' } : button.action)
    })
    // Kept until decided: an unreferenced notification is collected, and its buttons with it.
    shown.set(id, notification)
    notification.show()
  }

  const asked = (approval: Approval) =>
    show(
      `call:${approval.id}`,
      `${shownText(approval.clientName)} waits for you`,
      `It wants to use ${shownText(approval.toolTitle || approval.tool)} (${shownText(approval.source)}).`,
      [
        { text: 'Approve once', action: { do: 'approve', id: approval.id } },
        { text: "Don't allow", action: { do: 'deny', id: approval.id } },
      ],
    )
  const connecting = (request: ConnectionRequest) =>
    show(
      `connection:${request.id}`,
      'Somebody wants to connect',
      `It says it is ${shownText(request.clientName)}, and answers go to ${shownText(request.redirectHost)}. Open Drawbridge to decide.`,
      [],
    )

  const noticed = ({ id, message, hint }: Notice) =>
    show(`notice:${id}`, 'Done outside of this app', plainText(`${message} ${hint}`, 300), [])

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
    stop() {
      stopListening()
      for (const id of [...shown.keys()]) forget(id)
    },
  }
}
