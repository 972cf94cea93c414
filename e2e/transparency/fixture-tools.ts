import { setTimeout as sleep } from 'node:timers/promises'
import { type CallToolResult, fromJsonSchema, type McpServer } from '@modelcontextprotocol/server'
import * as z from 'zod'

/** A red pixel. */
export const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='
const wav = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA='

/** Changes something, and tells everybody who listens, whichever way the server is reached. */
export interface Changes {
  tools(): void
  prompts(): void
  resource(uri: string): void
}

export const annotations = { readOnlyHint: true, destructiveHint: false, openWorldHint: false }
export const text = (words: string): CallToolResult => ({ content: [{ type: 'text', text: words }] })

/** Keywords that anything which parses schemas, instead of passing them on, would lose. */
const schema2020 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object' as const,
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
}

const mirrored = { type: 'string' as const, 'x-mcp-header': 'Region' }

/** Tools that answer by themselves. */
export function addTools(server: McpServer, changes: Changes): void {
  const tool = (name: string, description: string, answer: () => CallToolResult) =>
    server.registerTool(name, { description, annotations }, async () => answer())

  tool('test_simple_text', 'Answers with a text', () => text('This is a simple text response for testing.'))
  tool('test_image_content', 'Answers with a picture', () => ({
    content: [{ type: 'image', data: png, mimeType: 'image/png' }],
  }))
  tool('test_audio_content', 'Answers with a sound', () => ({
    content: [{ type: 'audio', data: wav, mimeType: 'audio/wav' }],
  }))
  tool('test_embedded_resource', 'Answers with a resource inside', () => ({
    content: [
      {
        type: 'resource',
        resource: {
          uri: 'test://embedded-resource',
          mimeType: 'text/plain',
          text: 'This is an embedded resource content.',
        },
      },
    ],
  }))
  tool('test_multiple_content_types', 'Answers with a text, a picture and a resource', () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      { type: 'image', data: png, mimeType: 'image/png' },
      {
        type: 'resource',
        resource: {
          uri: 'test://mixed-content-resource',
          mimeType: 'application/json',
          text: '{"test":"data","value":123}',
        },
      },
    ],
  }))
  tool('test_error_handling', 'Always fails', () => {
    throw new Error('This tool intentionally returns an error for testing')
  })
  tool('test_trigger_tool_change', 'Adds a tool, or takes it away again', () => {
    changes.tools()
    return text('Done.')
  })
  tool('test_trigger_prompt_change', 'Adds a prompt, or takes it away again', () => {
    changes.prompts()
    return text('Done.')
  })
  tool('test_trigger_resource_update', 'Says that the watched resource has changed', () => {
    changes.resource('test://watched-resource')
    return text('Done.')
  })

  const inSteps = (name: string, description: string) =>
    server.registerTool(name, { description, annotations }, async (ctx) => {
      await ctx.mcpReq.log('info', 'Tool execution started')
      await sleep(50)
      await ctx.mcpReq.log('info', 'Tool processing data')
      await sleep(50)
      await ctx.mcpReq.log('info', 'Tool execution completed')
      return text('Logged three times.')
    })
  inSteps('test_tool_with_logging', 'Logs what it does')
  inSteps('test_logging_tool', 'Logs what it does, to those who want to know')

  server.registerTool(
    'test_tool_with_progress',
    { description: 'Tells how far it is', annotations },
    async (ctx) => {
      const progressToken = ctx.mcpReq._meta?.progressToken
      for (const progress of [0, 50, 100]) {
        if (progress > 0) await sleep(50)
        if (progressToken === undefined) continue
        await ctx.mcpReq.notify({
          method: 'notifications/progress',
          params: { progressToken, progress, total: 100, message: `${progress} of 100` },
        })
      }
      return text('Done in three steps.')
    },
  )

  server.registerTool(
    'test_reconnection',
    { description: 'Closes the stream of its answer before it answers', annotations },
    async (ctx) => {
      ctx.http?.closeSSE?.()
      await sleep(100)
      return text('Reconnection test completed successfully.')
    },
  )

  server.registerTool(
    'json_schema_2020_12_tool',
    {
      description: 'Tool with JSON Schema 2020-12 features',
      inputSchema: fromJsonSchema<Record<string, unknown>>(schema2020),
      annotations,
    },
    async (args) => text(JSON.stringify(args)),
  )

  server.registerTool(
    'test_mirrored_headers',
    {
      description: 'Wants its region in a header too (SEP-2243)',
      inputSchema: fromJsonSchema<{ region: string }>({
        type: 'object',
        properties: { region: mirrored },
        required: ['region'],
      }),
      annotations,
    },
    async ({ region }) => text(region),
  )

  server.registerTool(
    'echo',
    { description: 'Answers with what it got', inputSchema: z.object({ text: z.string() }), annotations },
    async (args) => text(args.text),
  )
}
