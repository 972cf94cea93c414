import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Requests that are sent ahead on one connection before it is cut off: each waits in memory, and they come faster than
 * they can be answered. RFC 9112 §9.3.2 allows to send ahead, and no client of ours does it.
 */
export const mostPipelined = 64

/**
 * For the listener of one server: true when very many requests were sent on a connection before the answers to those
 * before them were out. Then its socket has been destroyed, and nothing is to be done about the request.
 */
export function createPipelineLimit(
  most = mostPipelined,
): (req: IncomingMessage, res: ServerResponse) => boolean {
  const last = new WeakMap<Socket, { answer: ServerResponse; ahead: number }>()
  return (req, answer) => {
    const before = last.get(req.socket)
    const ahead = before && !before.answer.writableFinished ? before.ahead + 1 : 0
    last.set(req.socket, { answer, ahead })
    if (ahead > most) req.socket.destroy()
    return req.socket.destroyed
  }
}

/** What of Node's server stands between a socket and its requests; it is not in its types. */
interface Parsed {
  parser?: { onIncoming?: (req: IncomingMessage, keepsAlive: boolean) => number } | null
}
/** Says to Node's parser that what follows is no HTTP (as after an upgrade). */
const noMore = 2

/**
 * For each new connection of a server: once the socket was destroyed, nothing more of what was read is taken for a request. Node
 * parses all of one read at once, thousands of small requests, also after the first of them ended the connection. Where Node is
 * otherwise inside, it stays as it was.
 */
export function endWithSocket(socket: Socket): void {
  const { parser } = socket as Socket & Parsed
  const take = parser?.onIncoming
  if (!parser || typeof take !== 'function') return
  parser.onIncoming = (req, keepsAlive) => (socket.destroyed ? noMore : take(req, keepsAlive))
}
