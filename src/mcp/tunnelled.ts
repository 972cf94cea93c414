/**
 * OpenAI's tunnel has no address that anybody could visit: ChatGPT picks it by its id, and its service tells clients a resource at a host
 * of OpenAI's (openai/tunnel-client, docs/architecture.md, “OAuth-protected MCP”). Here it is an origin that is certainly nobody's
 * (RFC 6761 §6.4), so that it has its own resource, and its tokens open nothing else.
 */
const ending = '.openai-tunnel.invalid'
const host = /^https:\/\/tunnel-([0-9a-z]{32})\.openai-tunnel\.invalid$/
/** As the service writes a resource. The host is its own affair; that it is OpenAI's is not. */
const atOpenAi =
  /^https:\/\/(?:[a-z0-9-]+\.)*openai\.(?:com|org)\/v1\/mcp\/(tunnel_[0-9a-z]{32})(?:\/main)?\/?$/

/** `tunnel_` and thirty-two letters or digits, as the Platform shows it. */
export const isTunnelId = (text: string): boolean => /^tunnel_[0-9a-z]{32}$/.test(text)

export const originOfTunnel = (id: string): string => `https://${id.replace('_', '-')}${ending}`

/** The tunnel that an origin stands for; null: it is an address like others. */
export function tunnelAt(origin: string): string | null {
  const id = host.exec(origin)?.[1]
  return id === undefined ? null : `tunnel_${id}`
}

/** Our identifier for the resource that OpenAI's service names so; null: it is none of its. */
export function resourceAtOpenAi(resource: string): string | null {
  const id = atOpenAi.exec(resource)?.[1]
  return id === undefined ? null : `${originOfTunnel(id)}/mcp`
}
