/**
 * What assistants say in `_meta` about the person in front of them: where they are, who they are, which conversation it is. No
 * server sees any of it unless its owner said so (`ToolSource.passesClientContext`). This is the one list of it.
 *
 * ChatGPT (Apps SDK reference, "`_meta` fields the client provides"): `openai/userLocation`, `subject`, `session`, `organization`,
 * `userAgent`, `locale`, `widgetSessionId`, and `timezone_offset_minutes` beside them. Codex: `x-codex-turn-metadata`, `threadId`.
 * Claude: `claudecode/toolUseId`. VS Code: `vscode.conversationId`, `vscode.requestId`. OpenCode: `ai.opencode/sessionID`.
 * Antigravity: `antigravity.google/conversation_id`. Goose: `agent-session-id`. Of each maker everything is meant, not only what is
 * known today.
 */
const beginnings = [
  ...['openai/', 'openai.com/', 'com.openai/', 'chatgpt/', 'codex/', 'x-openai-', 'x-codex-'],
  ...['anthropic/', 'anthropic.com/', 'com.anthropic/', 'claude/', 'claudeai/', 'claude.ai/', 'ai.claude/'],
  ...['claudecode/', 'claude-code/', 'x-anthropic-', 'x-claude-'],
  ...['vscode.', 'vscode/', 'com.microsoft/', 'com.github/', 'github.copilot/', 'cursor/', 'com.cursor/'],
  ...['opencode/', 'ai.opencode/', 'antigravity.google/', 'google/', 'com.google/', 'gemini/', 'goose/'],
]
/** Names without a maker, in small letters and without what joins their words. */
const names = new Set([
  ...['timezone', 'timezoneoffsetminutes', 'locale', 'useragent', 'location', 'userlocation', 'ipaddress'],
  ...['subject', 'user', 'userid', 'username', 'useremail', 'email', 'account', 'accountid'],
  ...['organization', 'organizationid', 'orgid', 'tenantid', 'deviceid', 'installationid'],
  ...['session', 'sessionid', 'conversation', 'conversationid', 'chatid', 'thread', 'threadid', 'turnid'],
  ...['agentsessionid', 'requestid', 'callid', 'tooluseid'],
])

/** Whether a name in `_meta` speaks of the person or the conversation behind a request. */
export function isClientContext(name: string): boolean {
  const small = name.toLowerCase()
  return names.has(small.replace(/[-_.]/g, '')) || beginnings.some((one) => small.startsWith(one))
}
