import { say } from '../../locales/say.ts'

/** Loopback names (RFC 8252 §7.3) tell a person nothing: the client is a program on this computer. */
export const whereTo = (host: string): string =>
  ['127.0.0.1', '[::1]', '::1', 'localhost'].includes(host) ? say('origin.program') : host
