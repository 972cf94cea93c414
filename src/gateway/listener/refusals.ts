import type { ServerResponse } from 'node:http'
import { say } from '../../../locales/say.ts'
import { sendRefusal, sendRpcError } from '../../net/answers.ts'
import { type PageProblem, problemPage, sendPage, wantsPage } from '../../net/pages/page.ts'

/** What the public listener says to what it does not serve. */

type Headers = Readonly<Record<string, string>>

/** To a program in JSON, to somebody who opened the address in a browser as a page. */
function refuse(
  res: ServerResponse,
  [status, error, message]: readonly [status: number, error: string, message: string],
  page: () => PageProblem,
  headers: Headers = {},
): void {
  if (wantsPage(res.req) && !res.headersSent && !res.destroyed)
    sendPage(res, status, problemPage(page()), headers)
  else sendRefusal(res, status, error, message, headers)
}

export const raised = (res: ServerResponse): void =>
  refuse(
    res,
    [503, 'raised', 'The bridge is up: its owner has stopped all access for now.'],
    () => ({ title: say('stranger.raised.title'), text: say('stranger.raised.text'), looksAgain: 'raised' }),
    { 'Retry-After': '60' },
  )

export const notForUs = (res: ServerResponse, status: 403 | 421, message: string): void =>
  refuse(res, [status, 'not-for-us', message], () => ({
    title: say('stranger.notForUs.title'),
    text: say('stranger.notForUs.text'),
  }))

/** Whoever typed the address is told the right one. Other workspaces' names are nobody's business. */
const rightAddress = (origin: string): string => `Clients of MCP connect to ${origin}/mcp`

const nothingHere = (origin: string) => (): PageProblem => ({
  title: say('stranger.nothingHere.title'),
  text: say('stranger.nothingHere.text', { address: `${origin}/mcp` }),
})

const notHere = (res: ServerResponse, what: string, origin: string): void => {
  const message = `${what} ${rightAddress(origin)}, or to the address of a workspace, as Drawbridge shows it.`
  refuse(res, [404, 'not-found', message], nothingHere(origin))
}

export const noSuchAddress = (res: ServerResponse, origin: string): void =>
  notHere(res, 'There is nothing at this address.', origin)

export const noSuchWorkspace = (res: ServerResponse, origin: string): void =>
  notHere(res, 'There is no such workspace.', origin)

export const wrongMethod = (res: ServerResponse, allow: string, origin: string): void => {
  const message = `This address does not take that method. ${rightAddress(origin)}.`
  refuse(res, [405, 'method-not-allowed', message], nothingHere(origin), { Allow: allow })
}

export const noHead = (res: ServerResponse, allow: string): void =>
  sendRefusal(res, 405, 'method-not-allowed', 'HEAD says nothing here.', { Allow: allow })

/** 401 (RFC 6750 §3, RFC 9728 §5.1). */
export const notLetIn = (res: ServerResponse, error: string, description: string, challenge: string): void =>
  refuse(
    res,
    [401, error, description],
    () => ({ title: say('stranger.forApps.title'), text: say('stranger.forApps.text') }),
    { 'WWW-Authenticate': challenge },
  )

export const notJson = (res: ServerResponse): void =>
  sendRpcError(res, 415, -32000, 'Unsupported media type: send application/json, uncompressed.')

export const unreadable = (res: ServerResponse, why: string): void => sendRpcError(res, 400, -32700, why)

export const isBatch = (res: ServerResponse): void =>
  sendRpcError(
    res,
    400,
    -32600,
    'Batches are for sessions of 2025-03-26, up to 8 messages: send one message per request.',
  )

export const tooLarge = (res: ServerResponse, limit: number): void =>
  sendRefusal(res, 413, 'too-large', `This request is larger than ${Math.round(limit / 1024)} kB.`)

export const failed = (res: ServerResponse): void =>
  sendRefusal(res, 500, 'internal', 'Something went wrong inside Drawbridge.')
