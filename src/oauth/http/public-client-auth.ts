import type { IncomingMessage } from 'node:http'

const decode = (part: string): string => decodeURIComponent(part.replaceAll('+', '%20'))

/** The client id of `Basic base64(id:)`, or null when the header says anything else. */
function nameWithoutSecret(authorization: string | undefined): string | null {
  const encoded = /^Basic +([A-Za-z0-9+/]{1,4096}={0,2})$/i.exec(authorization ?? '')?.[1]
  if (encoded === undefined) return null
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  if (!text.endsWith(':')) return null
  try {
    return decode(text.slice(0, -1))
  } catch {
    return null
  }
}

/**
 * Some public clients say who they are by HTTP Basic with an empty password. RFC 6749 §2.3.1 lets an empty secret be left
 * out, so that is the same as `client_id` in the form, and is put there. Clients with a secret are not helped.
 */
export function namePublicClient(
  req: IncomingMessage,
  form: Buffer,
  hasSecret: (clientId: string) => boolean,
): Buffer {
  const clientId = nameWithoutSecret(req.headers.authorization)
  if (clientId === null || clientId === '' || hasSecret(clientId)) return form
  if (!/^application\/x-www-form-urlencoded\b/i.test(req.headers['content-type'] ?? '')) return form
  const params = new URLSearchParams(form.toString('utf8'))
  const named = params.getAll('client_id')
  if (named.some((one) => one !== clientId)) return form
  if (named.length === 0) params.set('client_id', clientId)
  delete req.headers.authorization
  return Buffer.from(params.toString())
}
