import { expect } from 'vitest'
import {
  type Assistant,
  type Browser,
  connectAssistant,
  type Manner,
  type Registration,
} from '../../fixtures/assistant.ts'
import type { InProcess } from '../../fixtures/in-process.ts'

/** What ChatGPT shows in its app dashboard after an app was made. */
export const callbackId = 'cb_8f3kQ-27'
export const chatgptRedirect = `https://chatgpt.com/connector/oauth/${callbackId}`
/** The redirect of older connectors. */
export const olderRedirect = 'https://chat.openai.com/connector_platform_oauth_redirect'
export const platformRedirect = 'https://platform.openai.com/apps-manage/oauth'

/** ChatGPT as it comes when nothing but the address was typed in: with a document of its own. */
export const ownDocument: Registration = {
  kind: 'metadata-document',
  clientId: 'https://chatgpt.com/oauth/client.json',
  redirect: 'https://chatgpt.com/connector_platform_oauth_redirect',
}

export const chatgpt = (
  at: InProcess,
  mcpUrl: string,
  browser: Browser,
  registration: Registration = ownDocument,
  manner: Manner = {},
): Promise<Assistant> => connectAssistant(mcpUrl, registration, browser, at.fetch, manner)

/** One request to the MCP endpoint, with everything that came back. */
export async function rpc(assistant: Assistant, method: string, params: object = {}, token?: string) {
  const response = await assistant.post({ jsonrpc: '2.0', id: 1, method, params }, token)
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate') ?? '',
    body: (await response.json()) as {
      result?: {
        tools?: { name: string }[]
        isError?: boolean
        content?: { text: string }[]
        structuredContent?: Record<string, unknown>
        _meta?: Record<string, unknown>
      }
      error?: unknown
    },
  }
}

export async function toolNames(assistant: Assistant): Promise<string[]> {
  const { status, body } = await rpc(assistant, 'tools/list')
  expect(status).toBe(200)
  return body.result!.tools!.map((tool) => tool.name)
}

export const callTool = (assistant: Assistant, name: string, args: object = {}) =>
  rpc(assistant, 'tools/call', { name, arguments: args })

/** Every way it had in is closed: its access token, and getting another. */
export async function isShutOut(assistant: Assistant): Promise<void> {
  const { status, challenge } = await rpc(assistant, 'tools/list')
  expect(status).toBe(401)
  expect(challenge).toContain('error="invalid_token"')
  await expect(assistant.refresh()).rejects.toMatchObject({ error: 'invalid_grant' })
}

export const json = async (response: Response): Promise<Record<string, unknown>> => {
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  return (await response.json()) as Record<string, unknown>
}

/** A client registers itself; the answer as it came. */
export const register = (at: InProcess, endpoint: string, metadata: object) =>
  at.fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(metadata),
  })
