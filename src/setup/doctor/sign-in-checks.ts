import type { Finding } from '../../contract/doctor.ts'
import type { Answered, Exchange } from './exchange.ts'
import { about, failed, notTried, ok, plain, type Verdict, warning } from './finding.ts'
import { documentOf, type Evidence } from './gather.ts'
import { isOurs, troubleWith } from './trouble.ts'

const restart =
  'Quit Drawbridge and start it again. If a tunnel of your own is in between, let it pass everything on unchanged.'

/** The steps of signing in, as far as they can be tried without a person and without leaving anything behind. */
export function signInFindings(evidence: Evidence, window: { before: boolean; after: boolean }): Finding[] {
  const { register, authorize, token, preflight } = evidence
  return [
    about(
      'registration',
      'A wrong registration is refused in so many words',
      register,
      refusal('registration'),
    ),
    stranger(authorize),
    connecting(authorize, window),
    about('token', 'A made-up code is refused in so many words', token, refusal('token')),
    crossOrigin(evidence),
    about('preflight', 'Web pages of assistants may ask for tokens', preflight, allowsPages),
    plain('sign-in', 'Letting somebody in', '', {
      state: 'skipped',
      received: 'Not tried.',
      problem: {
        code: 'needs-you',
        message: 'The sign-in itself cannot be tried without you: it waits for your three digits.',
        hint: 'Press Connect, then connect in the assistant. Each step is ticked as it happens.',
      },
    }),
  ]
}

/** RFC 6749 §5.2, RFC 7591 §3.2.2: a JSON object with an error that begins with `invalid_`. */
const refusal =
  (step: 'registration' | 'token') =>
  ({ status, json }: Answered): Verdict => {
    const error = (json as { error?: unknown } | null | undefined)?.error
    if (status >= 200 && status < 300)
      return failed(
        `${step}-accepted`,
        'Something that had to be refused was accepted.',
        'Something else than Drawbridge answers here. Raise the bridge, and check where the tunnel leads.',
      )
    // RFC 6749 §5.2 lets a server answer 401 to a client it does not know
    if ((status === 400 || (step === 'token' && status === 401)) && /^invalid_/.test(String(error)))
      return ok()
    return failed(
      `${step}-unclear`,
      `The refusal (${status}) is not one that assistants understand.`,
      restart,
    )
  }

/** RFC 6749 §4.1.2.1: whoever is not known gets a page, and no browser is sent anywhere. */
function stranger(authorize: Exchange | null): Finding {
  const title = 'The sign-in page sends nobody to a stranger'
  const finding = about(
    'stranger',
    title,
    authorize,
    ({ status, headers, text }) =>
      status >= 400 && status < 500 && isOurs(text) && headers.get('location') === null
        ? ok()
        : failed(
            'stranger-let-in',
            'An app that nobody registered was not turned away by a page of Drawbridge.',
            `Something else answers there. ${restart}`,
          ),
    { page: true },
  )
  if (finding.problem?.code !== 'tunnel-page') return finding
  // localtunnel and ngrok treat browsers this way; people get past it, assistants never see it
  return {
    ...finding,
    ...warning(
      'tunnel-page',
      'The tunnel shows browsers a page of its own before the sign-in page.',
      'You can get past it: press its button, or type the password, which is the public IP address of this computer. It comes once per browser.',
    ),
  }
}

/** What a browser sees while nobody pressed Connect. */
function connecting(authorize: Exchange | null, window: { before: boolean; after: boolean }): Finding {
  const id = 'window'
  const title = 'New apps may ask only after you pressed Connect'
  if (window.before !== window.after)
    return plain(id, title, '', {
      ...notTried,
      problem: {
        code: 'window-moved',
        message: 'The time to connect began or ended during this check.',
        hint: 'Check again.',
      },
    })
  if (window.before) return plain(id, title, '', ok('The time to connect is open right now.'))
  if (authorize === null || troubleWith(authorize, { page: true }) !== null)
    return plain(id, title, '', notTried)
  return about(
    id,
    title,
    authorize,
    ({ status }) =>
      status === 403
        ? ok('The page says to press Connect first.')
        : failed(
            'window-not-kept',
            `Outside the time to connect, the sign-in page answered ${status} instead of asking to press Connect.`,
            restart,
          ),
    { page: true },
  )
}

/** Assistants that run in a browser can read the documents only if every page may (Fetch standard, CORS protocol). */
function crossOrigin(evidence: Evidence): Finding {
  const documents = [
    evidence.resourceNamed,
    evidence.resourceAtPath,
    evidence.resourceAtRoot,
    ...evidence.issuerDocuments,
  ].filter((one): one is Answered => documentOf(one) !== null)
  const title = 'Web pages of assistants may read the documents'
  const sent = 'access-control-allow-origin of every document'
  if (documents.length === 0) return plain('cors', title, sent, notTried)
  const closed = documents.filter(({ headers }) => headers.get('access-control-allow-origin') !== '*')
  if (closed.length === 0) return plain('cors', title, sent, ok(`* on all ${documents.length}`))
  return plain('cors', title, sent, {
    ...failed(
      'cors-missing',
      'Assistants that run in a browser page cannot read what they need.',
      'Something in between cuts out the header access-control-allow-origin. Let your tunnel pass it on, or use another one.',
    ),
    received: closed.map(({ url }) => `missing at ${url}`).join('\n'),
  })
}

function allowsPages({ status, headers }: Answered): Verdict {
  const from = headers.get('access-control-allow-origin')
  const methods = headers.get('access-control-allow-methods')
  const allowed =
    status < 300 &&
    (from === '*' || from === 'https://claude.ai') &&
    // POST with a plain form needs no word of its own
    (methods === null || /\bPOST\b|\*/i.test(methods))
  return allowed
    ? ok()
    : warning(
        'preflight-refused',
        'Assistants that run in a browser page may not ask for tokens.',
        'ChatGPT and Claude do not need this. If a web assistant cannot connect: something in between answers OPTIONS requests; let your tunnel pass them on.',
      )
}
