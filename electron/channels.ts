/** The only two channels between the window and the main process. */
export const callChannel = 'host:call'
export const eventChannel = 'host:event'

/** Where the window's page lives: served by `app-protocol.ts`, expected by `ipc.ts`. */
export const appOrigin = 'app://drawbridge'
