import type { ChildProcess } from 'node:child_process'
import type { Client } from '../clients/client.ts'

/** What stands behind a subject. */
export interface Upstreams {
  /** `http`: one server that already runs, at `url`. */
  kind: 'stdio' | 'http'
  count: number
  /** Of each. */
  tools: number
  /** What a stdio server speaks: as most do, 2025-11-25 alone, or 2026-07-28 too. `http` speaks both. */
  eras: '2025' | 'both'
  url?: string
}

/** One thing to measure, with its configuration ready, so that what is timed is its start and nothing else. */
export interface Subject {
  name: string
  start(): Promise<Running>
  /** Removes what preparing left behind. */
  dispose(): Promise<void>
}

export interface Running {
  child: ChildProcess
  /** Throws while it does not answer yet. */
  open(lanes: number): Promise<Client>
  /** In the 2026-07-28 era, where there is one. */
  openModern?(lanes: number): Promise<Client>
  /** The public name of the echo tool of the n-th upstream. */
  tool(n: number): string
}

export type Prepare = (upstreams: Upstreams, folder: string) => Promise<Subject>
