import type { Action } from './tunnel-failure.ts'

/** What people read about the public address: what is the case, and what to do. */
export interface Words {
  message: string
  hint: string
  action?: Action | undefined
}

const keepsTrying = 'Everything on this computer keeps working, and Drawbridge keeps trying.'

export const words = {
  off: {
    message: 'There is no public address.',
    hint: 'Press Connect to open one. Programs on this computer do not need it.',
  },
  opening: { message: 'Opening your public address…', hint: 'This takes a few seconds.' },
  checking: { message: 'Checking that your public address answers…', hint: 'This takes a few seconds.' },
  again: {
    message: 'The connection to the tunnel broke. Opening your address again…',
    hint: 'Your address stays the same; this takes a few seconds.',
  },
  lingering: {
    message: 'The tunnel still holds your address from before. Waiting until it is free…',
    hint: 'This takes half a minute at most.',
  },
  ready: { message: 'Your public address answers.', hint: '' },
  unreachable: {
    message: 'The tunnel service cannot be reached.',
    hint: `Check the internet connection. ${keepsTrying}`,
  },
  localDown: {
    message: 'Your public address is open, but Drawbridge does not answer on this computer.',
    hint: 'Quit Drawbridge and start it again. If that does not help, a firewall on this computer may stand in the way.',
  },
  page: {
    message: 'Your public address shows a page of the tunnel service instead of Drawbridge.',
    hint: `Assistants cannot get past such a page. It often goes away by itself. ${keepsTrying}`,
  },
  silent: {
    message: 'Your public address is open, but nothing comes through.',
    hint: `The tunnel service may be overloaded. ${keepsTrying}`,
  },
  other: {
    message: 'Another Drawbridge answers at your public address.',
    hint: 'If Drawbridge also runs on another computer with the same data, quit it there. Or choose a new address.',
  },
  taken: {
    message: 'Somebody else uses your public address at the moment.',
    hint: 'Drawbridge keeps asking for it. Or choose a new address; connected assistants must then be told the new one.',
  },
} as const satisfies Record<string, Words>
