import { buttonWords } from '../../contract/button-words.ts'
/** A refusal in words for people: what happened and what to do next. */
export interface Problem {
  code: string
  message: string
  hint: string
}

const words: Record<string, { message: string; hint: string }> = {
  access_denied: {
    message: 'The connection was declined.',
    hint: 'If that was a mistake, press Connect in Drawbridge and start again in the other app.',
  },
  busy: {
    message: 'Another app is asking to connect right now.',
    hint: 'Allow or decline that one in Drawbridge first, then start again.',
  },
  invalid_client: {
    message: 'The app is not known to this Drawbridge.',
    hint: 'Remove the connection in the app and add it again.',
  },
  invalid_redirect_uri: {
    message: 'The app wants to send you to an address that it never registered, or that you do not allow.',
    hint: 'Nothing was connected. Remove the connection in the app and add it again. The allowed addresses are in Settings.',
  },
  invalid_target: {
    message: 'The app asked for an address that this Drawbridge does not serve.',
    hint: 'Copy the address from Drawbridge again and use it exactly as it is.',
  },
  invalid_grant: {
    message: 'The app came with an authorization that is used up or was taken back.',
    hint: 'Connect the app again: press Connect in Drawbridge, then connect in the app.',
  },
  expired: {
    message: 'This request to connect has ended.',
    hint: 'Press Connect in Drawbridge and start again in the other app.',
  },
  'other-browser': {
    message: 'This page belongs to another browser.',
    hint: 'Start connecting again in the browser you want to use.',
  },
  'not-here': {
    message: 'There is nothing to connect to at this address any more.',
    hint: 'Copy the address from Drawbridge again. Remove the connection in the app and add it again with that address.',
  },
  'too-many-registered': {
    message: 'Too many apps tried to register while nobody was expected, so no more are taken for now.',
    hint: 'Press Connect in Drawbridge, then connect in the app again: whoever comes after that has a place of its own.',
  },
  'too-many-in-window': {
    message: 'Too many apps tried to register since you pressed Connect, so no more are taken.',
    hint: `Stop waiting and press Connect again, then connect in the app at once. If it happens again, give the app a key instead: Access, ${buttonWords.createKey}.`,
  },
  server_error: {
    message: 'Drawbridge could not finish this.',
    hint: 'Try again in a minute. The log in the data folder has the details.',
  },
}

/** Words for an OAuth error code; unknown codes get the general ones. */
export const problemOf = (code: string): Problem => ({
  code,
  ...(words[code] ?? {
    message: 'The app sent a request that Drawbridge cannot accept.',
    hint: 'Try connecting again. If it happens again, the app and Drawbridge do not fit together.',
  }),
})
