import { hash } from 'node:crypto'
import type { Raw } from '../../mcp/tool-source.ts'

/**
 * What clients call the chat a request belongs to, in `_meta`. They are hints of a client about itself (extensions of ChatGPT, VS Code,
 * OpenCode, Antigravity, Goose, Codex): who has one grant can give itself any chat of that grant, and of no other.
 */
const names = [
  'openai/session',
  'vscode.conversationId',
  'ai.opencode/sessionID',
  'antigravity.google/conversation_id',
  'agent-session-id',
  'threadId',
]
const longest = 512

/**
 * SHA-256, hexadecimal, of what tells this chat from others of the same client; null: the client does not tell them apart.
 * `session`: what its session is as a chat (`chatOfSession`).
 */
export function chatOf(meta: Raw, session: string | null): string | null {
  for (const name of names) {
    const value = Object.hasOwn(meta, name) ? meta[name] : undefined
    if (typeof value === 'string' && value !== '' && value.length <= longest) return hashed(name, value)
  }
  return session
}

/** Of a client that opens a session for each chat (2025-11-25 and older), and says nothing else. */
export const chatOfSession = (sessionId: string): string => hashed('Mcp-Session-Id', sessionId)

const hashed = (name: string, value: string): string => hash('sha256', JSON.stringify([name, value]))
