/** For tests: a real CalDAV server (Debian's radicale) on this computer. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, untilOpen } from './dovecot.ts'

export interface Radicale {
  url: string
  /** As the user. */
  request(method: string, path: string, body?: string, type?: string): Promise<number>
  calendar(path: string, name: string): Promise<void>
  /** One event, or a series with its exceptions. */
  put(path: string, events: string): Promise<void>
  close(): Promise<void>
}

export async function startRadicale(user: string, password: string): Promise<Radicale> {
  const root = mkdtempSync(join(tmpdir(), 'radicale-'))
  const port = await freePort()
  writeFileSync(join(root, 'users'), `${user}:${password}\n`)
  writeFileSync(
    join(root, 'config'),
    [
      ...['[server]', `hosts = 127.0.0.1:${port}`],
      ...[
        '[auth]',
        'type = htpasswd',
        `htpasswd_filename = ${root}/users`,
        'htpasswd_encryption = plain',
        'delay = 0',
      ],
      ...['[storage]', `filesystem_folder = ${root}/collections`],
      '',
    ].join('\n'),
  )
  const server = spawn('radicale', ['--config', join(root, 'config')], { stdio: 'ignore' })
  process.once('exit', () => server.kill())
  const ended = new Promise((resolve) => server.once('exit', resolve))
  await untilOpen(port)
  const url = `http://127.0.0.1:${port}`
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const request: Radicale['request'] = async (method, path, body, type = 'application/xml') => {
    const headers = { authorization, ...(body !== undefined && { 'content-type': type }) }
    const answer = await fetch(url + path, { method, headers, ...(body !== undefined && { body }) })
    await answer.arrayBuffer()
    return answer.status
  }
  const done = async (status: Promise<number>) => {
    if ((await status) !== 201) throw new Error(`radicale answered ${await status}`)
  }
  return {
    url,
    request,
    calendar: (path, name) =>
      done(
        request(
          'MKCALENDAR',
          path,
          `<c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:set><d:prop><d:displayname>${name}</d:displayname></d:prop></d:set></c:mkcalendar>`,
        ),
      ),
    put: (path, events) => done(request('PUT', path, calendarFile(events), 'text/calendar; charset=utf-8')),
    async close() {
      server.kill()
      await ended
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** RFC 5545: what stands in `events`, in a file. */
export const calendarFile = (events: string) =>
  `BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//test//EN\n${events.trim()}\nEND:VCALENDAR\n`.replace(
    /\r?\n/g,
    '\r\n',
  )
