import { Grant } from '../../contract/access.ts'
import { Call } from '../../contract/activity.ts'
import { Folder } from '../../contract/folders.ts'
import { Server } from '../../contract/servers.ts'
import { fakeAnswers, serverOf } from '../../contract/testing/fake-answers.ts'
import { FakeHost } from '../../contract/testing/fake-host.ts'
import { sampleOf } from '../../contract/testing/sample.ts'
import { TimelineEvent } from '../../contract/timeline.ts'

const server = (more: Partial<Server>): Server =>
  sampleOf(Server, {
    id: 'srv_1',
    name: 'Files',
    slug: 'files',
    command: '/usr/bin/node',
    args: ['server.mjs'],
    env: ['API_KEY'],
    prefixed: true,
    timeout: 30_000,
    startTimeout: 30_000,
    state: 'running',
    fingerprint: 'f'.repeat(43),
    transport: 'stdio',
    protocol: '2025-11-25',
    protocolSince: 1,
    tools: 2,
    health: { checkedAt: 5, ok: true, requests: 3, median: 1.5, p95: 4, lastError: null },
    log: ['ready', 'second line'],
    startedAt: 1,
    ...more,
  })

const call = (id: string): Call => sampleOf(Call, { id, tool: 'files__read', source: 'Files', duration: 2 })

/** A host with a few servers, and a log that cannot be searched for `boom`. For tests. */
export const fakeRestHost = () =>
  new FakeHost({
    state: {
      servers: [
        server({}),
        server({ id: 'srv_2', name: 'New one', slug: 'new-one', state: 'draft' }),
        server({ id: 'srv_3', name: 'Remote', slug: 'remote', kind: 'http', state: 'stopped' }),
      ],
      grants: [sampleOf(Grant, { id: 'grant_1', kind: 'key', name: 'Script' })],
      calls: [call('call_3'), call('call_2'), call('call_1')],
      folders: [sampleOf(Folder, { id: 'folder_1', name: 'Notes', path: '/home/ada/Notes', state: 'ready' })],
      events: [sampleOf(TimelineEvent, { id: 'evt_1', kind: 'deployment' })],
    },
    answers: {
      'servers.restart': ({ id }, host) => {
        const restarted = serverOf(host, id)
        restarted.restarts += 1
        return restarted
      },
      'activity.list': (input, host) => {
        if (input.search === 'boom') throw new Error('a secret detail')
        return fakeAnswers['activity.list']!(input, host)
      },
    },
  })
