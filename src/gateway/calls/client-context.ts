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
const beginnings = ['com.microsoft/', 'com.github/', 'github.copilot/', 'google/', 'com.google/']
/** The same makers' products, however a name is put together from theirs: `openai/…`, `openai.…`, `com.openai/…`, `x-openai-…`. */
const makers = new Set([
  ...['openai', 'chatgpt', 'codex', 'anthropic', 'claude', 'claudeai', 'claudecode'],
  ...['vscode', 'cursor', 'opencode', 'antigravity', 'gemini', 'goose'],
])

/** What stands before the name proper: all up to the last slash, else up to the last sign of another kind. */
const prefixOf = (name: string): string => /^.*\//s.exec(name)?.[0] ?? /^.*[^a-z0-9]/s.exec(name)?.[0] ?? ''

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
  return (
    names.has(small.replace(/^x-/, '').replace(/[^a-z0-9]/g, '')) ||
    beginnings.some((one) => small.startsWith(one)) ||
    prefixOf(small)
      .split(/[^a-z0-9]+/)
      .some((word) => makers.has(word))
  )
}
