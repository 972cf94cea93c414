// `node bare-gateway.mjs COMMAND ARGUMENTS`: Node's own HTTP server in front of a stdio server, and nothing else. It checks no key, decides
// nothing, looks at no answer and writes nothing down: what a process in between costs anyhow. Prints its address.
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'

const [command, ...args] = process.argv.slice(2)

function startServer() {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] })
  const waiting = new Map()
  let last = 0
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line)
    const answer = waiting.get(message.id)
    waiting.delete(message.id)
    answer?.(message)
  })
  const send = (message) => child.stdin.write(`${JSON.stringify(message)}\n`)
  return {
    notify: send,
    ask: (message, answer) => {
      const id = ++last
      waiting.set(id, (found) => answer({ ...found, id: message.id }))
      send({ ...message, id })
    },
  }
}

/** One for each revision: a server that was greeted in the older one answers in it. */
const servers = new Map()
const serverOf = (revision) => {
  const era = revision === '2026-07-28' ? 'new' : 'old'
  if (!servers.has(era)) servers.set(era, startServer())
  return servers.get(era)
}

const http = createServer((req, res) => {
  let body = ''
  req.setEncoding('utf8')
  req.on('data', (text) => {
    body += text
  })
  req.on('end', () => {
    if (body === '') return res.writeHead(405).end()
    const message = JSON.parse(body)
    const server = serverOf(req.headers['mcp-protocol-version'])
    if (message.id === undefined) {
      server.notify(message)
      return res.writeHead(202).end()
    }
    server.ask(message, (found) => {
      const text = JSON.stringify(found)
      const length = Buffer.byteLength(text)
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': length }).end(text)
    })
  })
})
http.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${http.address().port}/mcp`))
