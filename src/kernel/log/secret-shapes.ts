/** What secrets look like: field names whose values are secret, and texts that give themselves away. */

const words =
  'authorization|cookie|token|secrets?|password|passwd|passphrase|credentials?|bearer|api[-_]?keys?|private[-_]?key|access[-_]?key|code[-_]?verifier'

/** The word alone (`token`), after a separator (`GITHUB_TOKEN`, `x-api-key`), or as the end of a camelCase name. */
const secretName = new RegExp(`(?:^|[-_. ])(?:${words})$`, 'i')
const camelName =
  /[a-z0-9](?:Authorization|Cookie|Token|Secret|Password|Passwd|Passphrase|Credentials?|ApiKey|APIKey|PrivateKey|AccessKey|CodeVerifier)$/
/** Places in a list and the like: they end in "token" and are needed to understand a call. */
const harmlessName = /(?:page|progress|continuation|next|sync|cancel(?:lation)?|resume)[-_]?token$/i

/** Names seen before: the same few come again with every call. */
const judged = new Map<string, boolean>()
const maxJudged = 2_000

/** Whether a field of this name holds a secret, whatever its value. */
export function isSecretName(name: string): boolean {
  const known = judged.get(name)
  if (known !== undefined) return known
  const secret = (secretName.test(name) || camelName.test(name)) && !harmlessName.test(name)
  if (name.length <= 64 && judged.size < maxJudged) judged.set(name, secret)
  return secret
}

export const redactedMark = '[redacted]'

/** What every shape below needs; plain words are done with here. */
const needed = /[_=":-]|eyJ|AKIA|AIza|bearer|basic/i
/** A closer look that pays for short texts, which are most; on long ones it costs as much as the shapes. */
const suspicion =
  /_(?:live|test)_|whsec_|sk-|gh[pousr]_|github_pat_|glpat-|npm_|xox|AKIA|AIza|eyJ|db_key_|db_admin_|bearer|basic|PRIVATE KEY|:\/\/[^\s/:@]*:|token|secret|passw|passphrase|key|sig(?:nature)?(?:=|%)|(?:hmac|jwt|auth)(?:=|%)|\/services\/T|webhooks\/|\/bot\d/i
const shortText = 1_000
/** Words in which the names of secret fields end, as far as `suspicion` does not have them. */
const suspiciousName = /authorization|cookie|credential|verifier/i

/** Names of parameters whose values open what a link leads to; with what stands before them, as in `X-Amz-Security-Token`. */
const linkSecret =
  '(?!(?:next)?[-_]?(?:page|progress|continuation|next|sync|resume)[-_]?token)(?:[a-z0-9]{1,20}[-_.]){0,4}(?:[a-z]{0,20}token|sig|signature|secret|password|api[-_]?key|access[-_]?key|auth[-_]?key|key|hmac|jwt|auth|credential)'

/** Shapes of well-known secrets. A first group is kept. Each is linear: no text can make it slow. */
const shapes: readonly RegExp[] = [
  /\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{8,}/g, // Stripe
  /\bwhsec_[A-Za-z0-9+/=]{16,}/g,
  /\bsk-[A-Za-z0-9_-]{16,}/g, // OpenAI, Anthropic
  /\bgh[pousr]_[A-Za-z0-9]{20,}/g, // GitHub
  /\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /\bglpat-[A-Za-z0-9_-]{16,}/g, // GitLab
  /\bnpm_[A-Za-z0-9]{20,}/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/g, // Slack
  /\bAKIA[A-Z0-9]{12,}/g, // AWS
  /\bAIza[A-Za-z0-9_-]{30,}/g, // Google
  /\bdb_(?:key|secret|admin)_[A-Za-z0-9_-]{16,}/g, // our own keys and secrets of clients
  /(\bBearer\s+)[A-Za-z0-9._~+/=-]{8,}/gi,
  /(\bBasic\s+)[A-Za-z0-9+/]{12,}={0,2}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /(:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g, // https://user:password@host
  // ?access_token=…, and links that open a file for whoever has them: ?sig=… (Azure), X-Amz-Signature, X-Goog-Signature, Signature …
  new RegExp(`((?:[?&;]|\\\\u0026)${linkSecret}=)[^&\\s#"'<>\\\\]+`, 'gi'),
  // such a link as a value in another one, encoded once or more
  new RegExp(
    `(%(?:25){0,3}(?:3F|26)${linkSecret}%(?:25){0,3}3D)(?:(?!%(?:25){0,3}26)[^&\\s#"'<>\\\\])+`,
    'gi',
  ),
  // and those whose secret is a part of the path: hooks of Slack and Discord, bots of Telegram
  /(\bhooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/-]{10,}/gi,
  /(\bdiscord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/\d+\/)[\w-]{10,}/gi,
  /(\bapi\.telegram\.org\/(?:file\/)?bot)\d+:[\w-]{10,}/gi,
  // JSON inside a text, and once more inside JSON: "password":"…" and \"password\":\"…\"
  /("(?:[a-z]+[-_]?)?(?:token|secret|password|passphrase|api[-_]?key)"\s*:\s*")(?:[^"\\]|\\[\s\S])+/gi,
  /(\\"(?:[a-z]+[-_]?)?(?:token|secret|password|passphrase|api[-_]?key)\\"\s*:\s*\\")(?:[^"\\]|\\\\(?:\\\\|\\"|[^"\\]))+/gi,
  /((?:TOKEN|SECRET|PASSWORD|PASSPHRASE|API_?KEY)=)[^\s"'&]+/g, // lines of an env file
]

/** Dotted words, one start per run of letters, so that a text of many `eyJ` without dots stays linear. */
const dotted = /(?<![\w-])[\w-]+\.[\w-]{8,}\.[\w-]*/g
const jwtStart = /eyJ[\w-]{8,}\./

/**
 * Whether a JSON text surely has no field with a secret's name and no text of a secret's shape. What JSON writes with a
 * backslash is no part of what is looked for, and nothing that is looked for must begin at the edge of a word.
 */
export const isAboveSuspicion = (json: string): boolean => !suspicion.test(json) && !suspiciousName.test(json)

export function redactShapes(text: string): string {
  if (!needed.test(text) || (text.length < shortText && !suspicion.test(text))) return text
  let out = text
  for (const shape of shapes)
    out = out.replace(shape, (_all, lead) => (typeof lead === 'string' ? lead : '') + redactedMark)
  if (out.includes('eyJ'))
    out = out.replace(dotted, (word) => {
      const start = word.search(jwtStart)
      return start < 0 ? word : word.slice(0, start) + redactedMark
    })
  return out
}
