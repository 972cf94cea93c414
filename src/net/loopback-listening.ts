import type { AddressInfo, Server } from 'node:net'
import type { HostError } from '../kernel/errors.ts'

/**
 * Begins to listen on 127.0.0.1, and nowhere else. `port` 0: any free one. Rejects with what `problem` makes of the system's error;
 * what goes wrong later is told to `onError`.
 */
export const listenOnLoopback = (
  server: Server,
  port: number,
  tell: { problem(error: NodeJS.ErrnoException): HostError; onError(error: Error): void },
): Promise<number> =>
  new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(tell.problem(error))
    server.once('error', failed)
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.off('error', failed)
      server.on('error', tell.onError)
      resolve((server.address() as AddressInfo).port)
    })
  })

/** Whether the port is another's, or one that the system keeps for itself. */
export const isTaken = ({ code }: NodeJS.ErrnoException): boolean =>
  code === 'EADDRINUSE' || code === 'EACCES'
