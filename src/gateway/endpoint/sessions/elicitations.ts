import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import type { CancelSignal } from '../../../kernel/cancellation.ts'
import type { InputRequest, Raw } from '../../../mcp/tool-source.ts'
import type { Answer } from '../answer.ts'
import { notificationText } from '../rpc-messages.ts'
import type { ElicitationAnswer, Session } from './sessions.ts'

/** Open ones of one session at most: a client that answers none is not asked for ever. */
const mostOpen = 100
let asked = 0

/**
 * What is asked of the client on behalf of one request (elicitation, sampling, roots): `ask` does, and `end`, called when the
 * request is over, takes back what is still open.
 */
export function createElicitations(session: Session, answer: Answer, signal: CancelSignal) {
  let over: AbortController | null = null
  const end = () => {
    signal.removeEventListener('abort', end)
    over?.abort()
  }
  return {
    ask(request: InputRequest, takeBack?: AbortSignal): Promise<Raw> {
      if (over === null) {
        over = new AbortController()
        if (signal.aborted) over.abort()
        else signal.addEventListener('abort', end)
      }
      return askClient({ session, answer, over: over.signal }, request, takeBack)
    },
    end,
  }
}

/**
 * Asks a client of the 2025 era on the answer to the request that it belongs to. Rejects with ProtocolError when the client
 * refuses, or is not to be asked any more.
 */
function askClient(
  { session, answer, over }: { session: Session; answer: Answer; over: AbortSignal },
  { method, params }: InputRequest,
  signal?: AbortSignal,
): Promise<Raw> {
  const refuse = (message: string) =>
    Promise.reject(new ProtocolError(ProtocolErrorCode.MethodNotFound, message))
  if (!answer.canPush) return refuse('The client does not accept event streams, so it cannot be asked.')
  if (session.pendingElicitations.size >= mostOpen) return refuse('The client has too many open questions.')
  asked += 1
  const id = `q${asked}`
  return new Promise<Raw>((resolve, reject) => {
    const settle = (done: () => void) => {
      session.pendingElicitations.delete(id)
      over.removeEventListener('abort', gone)
      signal?.removeEventListener('abort', gone)
      done()
    }
    const gone = () => {
      if (!over.aborted) answer.push(notificationText('notifications/cancelled', { requestId: id }))
      settle(() => reject(new ProtocolError(ProtocolErrorCode.InternalError, 'The question was taken back.')))
    }
    if (over.aborted || signal?.aborted) return gone()
    over.addEventListener('abort', gone, { once: true })
    signal?.addEventListener('abort', gone, { once: true })
    session.pendingElicitations.set(id, (reply: ElicitationAnswer) =>
      settle(() => {
        if ('result' in reply) return resolve(reply.result)
        reject(new ProtocolError(reply.error.code, reply.error.message, reply.error.data))
      }),
    )
    answer.push(JSON.stringify({ jsonrpc: '2.0', id, method, ...(params && { params }) }))
  })
}
