import type { FetchLike } from '@modelcontextprotocol/client'
import { withoutNulls } from '../../mcp/nulls.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { mendDocument, mendOpenId, tokensInForm } from './mended-document.ts'

/**
 * What comes to authorization servers' answers, metadata, registrations and tokens alike: a null in them is what is not there, and what
 * is odd about them is mended.
 */
export const nullFree =
  (fetch: FetchLike): FetchLike =>
  async (url, init) => {
    const response = await fetch(url, init)
    const text = await response.text()
    const { status, statusText, headers } = response
    const read = text === '' ? null : mended(text, String(url), init?.body, response.ok)
    return new Response(read, { status, statusText, headers })
  }

function mended(text: string, url: string, sent: unknown, isGood: boolean): string {
  const document = objectIn(text)
  if (document === null) return text
  withoutNulls(document)
  if (isGood) mendDocument(document, sent)
  if (isGood && url.includes('/openid-configuration') && document.issuer !== undefined) mendOpenId(document)
  return JSON.stringify(document)
}

function objectIn(text: string): Raw | null {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Raw) : null
  } catch {
    return tokensInForm(text)
  }
}
