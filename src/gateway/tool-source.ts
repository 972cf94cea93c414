import type { CallToolResult } from '@modelcontextprotocol/server'

/** A tool as its source describes it (MCP, `Tool`). Fields we do not know pass through to the client. */
export interface ToolDefinition {
  name: string
  title?: string
  description?: string
  inputSchema: object
  outputSchema?: object
  annotations?: ToolAnnotations
  _meta?: object
  icons?: unknown
  /** Ours, never published: the tool is refused to everything that comes over the public listener. */
  localOnly?: boolean
  [more: string]: unknown
}

export interface ToolAnnotations {
  title?: string
  readOnlyHint?: boolean
  destructiveHint?: boolean
  idempotentHint?: boolean
  openWorldHint?: boolean
  [more: string]: unknown
}

export interface Progress {
  progress: number
  total?: number
  message?: string
}

/** Where tools come from: a built-in connector, or a server the user added. */
export interface ToolSource {
  slug: string
  /** As shown to people. */
  name: string
  /** True: public names are `slug__tool`. False: the tool's own name. */
  prefixed: boolean
  kind: 'connector' | 'server'
  /** The workspaces it belongs to; absent means `default` only. */
  workspaces?: string[]
  /** What it offered last; cheap. */
  tools(): readonly ToolDefinition[]
  /** Throws HostError when no answer can be had. */
  call(
    tool: string,
    args: Record<string, unknown>,
    options: { signal: AbortSignal; onProgress?(progress: Progress): void },
  ): Promise<CallToolResult>
}
