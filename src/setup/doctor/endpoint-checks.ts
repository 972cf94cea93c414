import type { Finding } from '../../contract/doctor.ts'
import type { Answered } from './exchange.ts'
import { about, type Facts, failed, notTried, ok, plain, type Verdict, warning } from './finding.ts'
import { type Evidence, namedIn, resourceMetadataUrl } from './gather.ts'

const restart =
  'Quit Drawbridge and start it again. If a tunnel of your own is in between, let it pass everything on unchanged.'

/** The MCP endpoint, as it answers somebody who has no token yet: that is how every client finds the sign-in. */
export function endpointFindings(evidence: Evidence, facts: Facts): Finding[] {
  const { post, get, discover, badToken } = evidence
  const refused = about('unauthorized', 'A caller without a token is sent to the sign-in', post, unauthorized)
  const where = 'The refusal says where to sign in'
  return [
    refused,
    refused.state === 'ok'
      ? about('challenge', where, post, (answer) => challenge(answer, facts))
      : plain('challenge', where, '', notTried),
    about('get-probe', 'A first look with GET is answered', get, ({ status }) =>
      status === 401 || status === 405
        ? ok()
        : (open(status) ?? unexpected('get-unexpected', status, '401 or 405')),
    ),
    about('discover', 'A first look of newer assistants is answered', discover, unauthorized),
    about('bad-token', 'A wrong token is refused clearly', badToken, wrongToken),
  ]
}

/** Somebody without a token must never get an answer. */
const open = (status: number): Verdict | null =>
  status >= 200 && status < 300
    ? failed(
        'open-to-all',
        'The address answers people who have no permission.',
        'Something else than Drawbridge answers here. Raise the bridge, and check where the tunnel leads.',
      )
    : null

const unexpected = (code: string, status: number, wanted: string): Verdict =>
  failed(code, `The answer should have been ${wanted}, but was ${status}. Assistants stop there.`, restart)

const unauthorized = ({ status }: Answered): Verdict =>
  status === 401
    ? ok()
    : (open(status) ??
      (status === 404
        ? failed(
            'no-endpoint',
            'There is nothing at this address.',
            'Copy the address from Drawbridge again and use it exactly as it is, with /mcp at its end.',
          )
        : unexpected('no-401', status, '401')))

/** RFC 9728 §5.1, RFC 6750 §3. */
function challenge({ headers }: Answered, facts: Facts): Verdict {
  const value = headers.get('www-authenticate')
  if (value === null)
    return failed(
      'no-challenge',
      'The refusal does not say where to sign in: its WWW-Authenticate header is missing.',
      'Something in between cuts headers out. Let your tunnel pass on WWW-Authenticate, or use another one.',
    )
  const named = namedIn(value)
  if (!/^Bearer\b/i.test(value) || named === null)
    return failed(
      'challenge-incomplete',
      'The refusal does not name the document that tells where to sign in (resource_metadata).',
      restart,
    )
  if (!named.startsWith(`${facts.origin}/`))
    return failed(
      'challenge-elsewhere',
      `The refusal sends assistants to another address than the one they were given.`,
      'Copy the address from Drawbridge again. If you use a tunnel of your own, let it pass on the Host header as it is.',
    )
  if (!/\bscope="[^"]+"/i.test(value))
    return warning(
      'challenge-no-scope',
      'The refusal does not say which permissions to ask for (scope).',
      'Most assistants manage without. Updating Drawbridge may help.',
    )
  return named === resourceMetadataUrl(facts)
    ? ok()
    : warning(
        'challenge-unusual',
        'The refusal names a document at an unusual place.',
        'Assistants that follow it manage; others look at the usual place.',
      )
}

/** RFC 6750 §3.1: the client learns that its token is used up, and signs in again. */
function wrongToken({ status, headers }: Answered): Verdict {
  if (status !== 401) return open(status) ?? unexpected('bad-token-accepted', status, '401')
  return /\berror="invalid_token"/.test(headers.get('www-authenticate') ?? '')
    ? ok()
    : failed(
        'bad-token-unclear',
        'The refusal does not say that the token is invalid, so assistants would not sign in again.',
        restart,
      )
}
