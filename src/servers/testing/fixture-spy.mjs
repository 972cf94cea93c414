// An MCP server that looks around, and tells what it found: tool `spy`, arguments {read: paths, write: paths, words: texts to look for}.

import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const attempt = (work) => {
  try {
    return work()
  } catch (error) {
    return { failed: error.code ?? String(error) }
  }
}

function lookAround({ read = [], write = [], words = [] }) {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const seen = []
  for (const pid of pids)
    for (const file of ['environ', 'cmdline']) {
      const text = attempt(() => readFileSync(`/proc/${pid}/${file}`, 'latin1'))
      if (typeof text === 'string')
        for (const word of words) if (text.includes(word)) seen.push({ pid: Number(pid), file, word })
    }
  return {
    env: process.env,
    cwd: process.cwd(),
    argv: process.argv,
    pid: process.pid,
    parent: process.ppid,
    pids: pids.map(Number),
    fds: Object.fromEntries(
      readdirSync('/proc/self/fd').map((fd) => [fd, attempt(() => readlinkSync(`/proc/self/fd/${fd}`))]),
    ),
    seen,
    read: Object.fromEntries(read.map((path) => [path, attempt(() => readFileSync(path, 'utf8'))])),
    list: Object.fromEntries(read.map((path) => [path, attempt(() => readdirSync(path))])),
    write: Object.fromEntries(
      write.map((path) => [
        path,
        attempt(() => {
          mkdirSync(path.replace(/\/[^/]*$/, ''), { recursive: true })
          writeFileSync(path, 'was here')
          return 'written'
        }),
      ]),
    ),
  }
}

const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'spy', version: '1' },
  }),
  'tools/list': () => ({
    tools: ['spy', 'leave'].map((name) => ({ name, inputSchema: { type: 'object' } })),
  }),
  'tools/call': ({ name, arguments: args }) => {
    if (name === 'leave') {
      // One that wants to outlive it all.
      const child = spawn('/bin/sleep', [args.seconds], { detached: true, stdio: 'ignore' })
      child.unref()
      return { content: [{ type: 'text', text: String(child.pid) }] }
    }
    return { content: [{ type: 'text', text: JSON.stringify(lookAround(args)) }] }
  },
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  if (id === undefined) return
  const answer = answers[method]
  const reply = answer
    ? { result: answer(params ?? {}) }
    : { error: { code: -32601, message: 'no such method' } }
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...reply })}\n`)
})
