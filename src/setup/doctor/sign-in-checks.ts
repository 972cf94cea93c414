import { say } from '../../../locales/say.ts'
import type { Finding } from '../../contract/doctor.ts'
import type { Answered, Exchange } from './exchange.ts'
import { about, failed, notTried, ok, plain, restart, type Verdict, warning } from './finding.ts'
import { documentOf, type Evidence } from './gather.ts'
import { isOurs, troubleWith } from './trouble.ts'

/** The steps of signing in, as far as they can be tried without a person and without leaving anything behind. */
export function signInFindings(evidence: Evidence, window: { before: boolean; after: boolean }): Finding[] {
  const { register, authorize, token, preflight } = evidence
  return [
    about('registration', say('doctor.title.registration'), register, refusal('registration')),
    stranger(authorize),
    connecting(authorize, window),
    about('token', say('doctor.title.token'), token, refusal('token')),
    crossOrigin(evidence),
    about('preflight', say('doctor.title.preflight'), preflight, allowsPages),
    plain('sign-in', say('doctor.title.signIn'), '', {
      state: 'skipped',
      received: say('doctor.notTried'),
      problem: {
        code: 'needs-you',
        message: say('doctor.needsYou.message'),
        hint: say('doctor.needsYou.hint'),
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
        say('doctor.somethingHadBeRefused'),
        say('doctor.somethingElseThanDrawbridge'),
      )
    // RFC 6749 §5.2 lets a server answer 401 to a client it does not know
    if ((status === 400 || (step === 'token' && status === 401)) && /^invalid_/.test(String(error)))
      return ok()
    return failed(`${step}-unclear`, say('doctor.refusalNotOneAssistants', { status }), restart())
  }

/** RFC 6749 §4.1.2.1: whoever is not known gets a page, and no browser is sent anywhere. */
function stranger(authorize: Exchange | null): Finding {
  const title = say('doctor.signInPageSends')
  const finding = about(
    'stranger',
    title,
    authorize,
    ({ status, headers, text }) =>
      status >= 400 && status < 500 && isOurs(text) && headers.get('location') === null
        ? ok()
        : failed(
            'stranger-let-in',
            say('doctor.strangerLetIn.message'),
            say('doctor.strangerLetIn.hint', { restart: restart() }),
          ),
    { page: true },
  )
  if (finding.problem?.code !== 'tunnel-page') return finding
  // localtunnel and ngrok treat browsers this way; people get past it, assistants never see it
  return {
    ...finding,
    ...warning(
      'tunnel-page',
      say('doctor.tunnelPage.tunnelShowsBrowsers.message'),
      say('doctor.tunnelPage.youCanGet.hint'),
    ),
  }
}

/** What a browser sees while nobody pressed Connect. */
function connecting(authorize: Exchange | null, window: { before: boolean; after: boolean }): Finding {
  const id = 'window'
  const title = say('doctor.newAppsMayAsk')
  if (window.before !== window.after)
    return plain(id, title, '', {
      ...notTried(),
      problem: {
        code: 'window-moved',
        message: say('doctor.windowMoved.message'),
        hint: say('doctor.windowMoved.hint'),
      },
    })
  if (window.before) return plain(id, title, '', ok(say('doctor.timeConnectOpenRight')))
  if (authorize === null || troubleWith(authorize, { page: true }) !== null)
    return plain(id, title, '', notTried())
  return about(
    id,
    title,
    authorize,
    ({ status }) =>
      status === 403
        ? ok(say('doctor.pageSaysPressConnect'))
        : failed('window-not-kept', say('doctor.windowNotKept.message', { status }), restart()),
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
  const title = say('doctor.webPagesAssistantsMay')
  const sent = say('doctor.accessControlAllowOrigin')
  if (documents.length === 0) return plain('cors', title, sent, notTried())
  const closed = documents.filter(({ headers }) => headers.get('access-control-allow-origin') !== '*')
  if (closed.length === 0)
    return plain('cors', title, sent, ok(say('doctor.onAll', { count: documents.length })))
  return plain('cors', title, sent, {
    ...failed('cors-missing', say('doctor.corsMissing.message'), say('doctor.corsMissing.hint')),
    received: closed.map(({ url }) => say('doctor.missingAt', { url })).join('\n'),
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
        say('doctor.preflightRefused.message'),
        say('doctor.preflightRefused.hint'),
      )
}
