import type { ClientKind } from '../../contract/access.ts'

/**
 * What a person has to do in another app, as data: such pages move often. Compare with the app's own help, correct the
 * text and set `edition` anew. Lines are separated by line breaks.
 */
export interface App {
  client: ClientKind
  /** Names under which this app registers; null: any. */
  registersAs: RegExp | null
  /** In the user's language. */
  words(): Words
}

interface Words {
  /** As people call it. */
  name: string
  title: string
  /** Month and year of the last comparison. */
  edition: string
  paste: {
    title: string
    /** One line per click. */
    lines: readonly string[]
    /** Where else the same thing may be found: older versions, other plans. */
    otherwise: readonly string[]
  }
  /** The same where it is not given an address but chooses a tunnel by its id; left out: it cannot. */
  byTunnel?: Words['paste']
  /** The app has its token, but never asked for the tools. */
  noTools: { message: string; hint: string }
  /** Where to ask the first question, and to see that it is switched on there. */
  tryIt: string
}

export type Instructions = Words & Pick<App, 'client'>
