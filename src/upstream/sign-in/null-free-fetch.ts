import type { FetchLike } from '@modelcontextprotocol/client'
import { withoutNulls } from '../../kernel/absent.ts'

/** What comes to authorization servers' answers, metadata, registrations and tokens alike: a null in them is what is not there. */
export const nullFree =
  (fetch: FetchLike): FetchLike =>
  async (url, init) => {
    const response = await fetch(url, init)
    const text = await response.text()
    const { status, statusText, headers } = response
    return new Response(text === '' ? null : cleaned(text), { status, statusText, headers })
  }

function cleaned(text: string): string {
  if (!text.includes('null')) return text
  try {
    return JSON.stringify(withoutNulls(JSON.parse(text)))
  } catch {
    return text
  }
}
