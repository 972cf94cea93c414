// What the conformance suite starts once per scenario, dozens at the same time: it only hands the scenario to the test, which has
// everything loaded already. Arguments: where the test listens, and the address of the suite's server.
const [relay, url] = process.argv.slice(2)
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}')
const answer = await fetch(relay, { method: 'POST', body: JSON.stringify({ url, context }) })
const problem = await answer.text()
if (problem !== '') console.error(problem)
process.exitCode = problem === '' ? 0 : 1
