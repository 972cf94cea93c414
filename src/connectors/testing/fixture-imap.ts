/** For tests: an IMAP server that answers as a script says, for what a real one does not do when asked. */
import { createServer, type Socket } from 'node:net'

export interface FixtureImap {
  port: number
  commands: string[]
  close(): Promise<void>
}

/** `answer`: what comes back to a command, without its tag where it begins with OK, NO or BAD; null: nothing. */
export async function startFixtureImap(
  answer: (command: string) => string | null,
  greeting: string | null = '* OK ready',
  host = '127.0.0.1',
): Promise<FixtureImap> {
  const sockets = new Set<Socket>()
  const commands: string[] = []
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    if (greeting !== null) socket.write(`${greeting}\r\n`)
    let rest = ''
    socket.on('data', (data) => {
      const lines = (rest + data.toString()).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const [, tag = '*', command = ''] = /^(\S+) (.*)$/s.exec(line) ?? []
        commands.push(command)
        const said = answer(command)
        if (said !== null)
          socket.write(
            said
              .replace(/^(?=OK|NO|BAD)/gm, `${tag} `)
              .replace(/\r?\n/g, '\r\n')
              .concat('\r\n'),
          )
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return {
    port: (server.address() as { port: number }).port,
    commands,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
