// A small stdio MCP server that speaks 2025-11-25 by hand, so that it can also misbehave. What it does is chosen by its
// arguments: --die-at-start, --silent, --rubbish, --banner, --exit-on-discover, --grandchild FILE, --exit-after N,
// --big-line, --changing, --pid FILE, --slow-start MS, --talkative, --unless FILE WORDS.
import { spawn } from 'node:child_process'
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const args = process.argv.slice(2)
const has = (name) => args.includes(name)
const after = (name) => args[args.indexOf(name) + 1]
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)

if (has('--die-at-start')) {
  process.stderr.write(
    'Starting up\nError: API_KEY is missing\n    at start (server.js:3:1)\n\nNode.js v24.0.0\n',
  )
  process.exit(3)
}
// Ends with these words until there is such a file.
if (has('--unless') && !existsSync(after('--unless'))) {
  process.stderr.write(`${args[args.indexOf('--unless') + 2]}\n`)
  process.exit(1)
}
if (has('--talkative')) setInterval(() => process.stderr.write('still at it\n'), 100)
if (has('--banner'))
  process.stdout.write('Welcome to the server!\n{"not": "a message"}\n\u001b[31mred\u001b[0m\n')
if (has('--rubbish')) setInterval(() => process.stdout.write('hello world\n'), 20)
if (has('--grandchild')) {
  // Ignores a polite request to end, and holds our pipes.
  const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM",()=>{});setInterval(()=>{},1e3)'], {
    stdio: 'inherit',
  })
  writeFileSync(after('--grandchild'), String(child.pid))
}
process.stderr.write(`log line with ${process.env.SECRET ?? 'no secret'}\n`)

if (has('--pid')) {
  // At once or not at all: who reads half a number would kill somebody else.
  writeFileSync(`${after('--pid')}.new`, String(process.pid))
  renameSync(`${after('--pid')}.new`, after('--pid'))
}

let calls = 0
let changed = false
const tools = () =>
  [
    'argv',
    'env',
    'pid',
    'sleep',
    'hang',
    'die',
    'refuse',
    'big',
    'progress',
    'change',
    'unfit',
    'deep',
    ...(changed ? ['fresh'] : []),
  ].map((name) => ({
    name,
    description: `does ${name}`,
    inputSchema: { type: 'object' },
    ...(name === 'unfit' && {
      outputSchema: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] },
    }),
    _meta: { kept: true },
  }))
const text = (id, value) => send({ id, result: { content: [{ type: 'text', text: value }] } })

const run = async (id, params) => {
  calls += 1
  if (has('--exit-after') && calls > Number(after('--exit-after'))) process.exit(7)
  switch (params.name) {
    case 'argv':
      return text(id, JSON.stringify(args))
    case 'env':
      return text(id, JSON.stringify(process.env))
    case 'pid':
      return text(id, String(process.pid))
    case 'sleep':
      await new Promise((resolve) => setTimeout(resolve, params.arguments.ms))
      return text(id, 'slept')
    case 'hang':
      return
    case 'die':
      process.stderr.write('fatal error: told to die\n')
      return process.exit(9)
    case 'refuse':
      return send({ id, error: { code: -32602, message: 'I will not' } })
    case 'big':
      return text(id, 'x'.repeat(10_000_000))
    case 'progress':
      for (let step = 1; step <= 4; step += 1) {
        await new Promise((resolve) => setTimeout(resolve, 150))
        send({
          method: 'notifications/progress',
          params: { progressToken: params._meta?.progressToken, progress: step, total: 4 },
        })
      }
      return text(id, 'done')
    case 'change':
      changed = true
      text(id, 'changed')
      return send({ method: 'notifications/tools/list_changed' })
    case 'unfit':
      return send({ id, result: { content: [], structuredContent: { n: 'not a number' } } })
    case 'deep':
      return process.stdout.write(
        `{"jsonrpc":"2.0","id":${id},"result":{"content":[],"structuredContent":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}}\n`,
      )
  }
}

const slow = has('--slow-start') ? Number(after('--slow-start')) : 0
createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const { id, method, params } = JSON.parse(line)
    if (has('--silent') || has('--rubbish')) return
    if (method === 'server/discover' && has('--exit-on-discover')) process.exit(1)
    if (method === 'initialize') {
      if (slow > 0) await new Promise((resolve) => setTimeout(resolve, slow))
      return send({
        id,
        result: {
          protocolVersion: '2025-11-25',
          capabilities: { tools: { listChanged: true } },
          serverInfo: { name: 'fixture', version: '1' },
        },
      })
    }
    if (method === 'tools/list') {
      const page = Number(params?.cursor ?? 0)
      const all = tools()
      const next = page + 5
      return send({
        id,
        result: { tools: all.slice(page, next), ...(next < all.length && { nextCursor: String(next) }) },
      })
    }
    if (method === 'tools/call') return void run(id, params)
    if (id !== undefined) send({ id, error: { code: -32601, message: 'Method not found' } })
  })
  .on('close', () => {
    if (!has('--grandchild')) process.exit(0)
  })
if (has('--silent')) setInterval(() => {}, 1_000)
