import type { FetchLike } from '@modelcontextprotocol/client'
import { withoutNulls } from '../../kernel/absent.ts'

/** What comes to authorization servers' answers, metadata, registrations and tokens alike: a null in them is what is not there. */
export const nullFree =
  (fetch: FetchLike): FetchLike =>
  async (url, init) => {
    const response = await fetch(url, init)
    const text = await response.text()
    const { status, statusText, headers } = response
    const body = response.ok ? asRegistered(init?.body, cleaned(text)) : cleaned(text)
    return new Response(body === '' ? null : body, { status, statusText, headers })
  }

/** RFC 7591 §3.2.1: the answer to a registration tells all that was registered; what it leaves out is as it was asked for. */
function asRegistered(asked: unknown, said: string): string {
  if (typeof asked !== 'string' || !asked.startsWith('{')) return said
  try {
    const [wanted, registered] = [JSON.parse(asked), JSON.parse(said)]
    return typeof registered?.client_id === 'string' ? JSON.stringify({ ...wanted, ...registered }) : said
  } catch {
    return said
  }
}

function cleaned(text: string): string {
  if (!text.includes('null')) return text
  try {
    return JSON.stringify(withoutNulls(JSON.parse(text)))
  } catch {
    return text
  }
}
