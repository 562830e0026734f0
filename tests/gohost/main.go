// Command gohost starts the shipped data source as Grafana does, with Grafana's own Go libraries, asks it one
// request, keeps the answer as it came over the wire and prints Grafana's JSON of it. What a Go host needs of
// the process is checked on the way and reported on stderr; a failed check makes the exit status 1.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/protobuf/proto"
)

// killedAfter is how long go-plugin waits for a process it has asked to leave.
const killedAfter = 2 * time.Second

// settings is one element of `datasources` in a provisioning file, as JSON.
type settings struct {
	UID            string            `json:"uid"`
	Name           string            `json:"name"`
	URL            string            `json:"url"`
	BasicAuth      bool              `json:"basicAuth"`
	BasicAuthUser  string            `json:"basicAuthUser"`
	JSONData       json.RawMessage   `json:"jsonData"`
	SecureJSONData map[string]string `json:"secureJsonData"`
}

// request is the body of POST /api/ds/query with absolute times.
type request struct {
	From    int64             `json:"from,string"`
	To      int64             `json:"to,string"`
	Queries []json.RawMessage `json:"queries"`
}

// host is a running plugin and its clients.
type host struct {
	process     *plugin.Client
	rpc         plugin.ClientProtocol
	data        grpcplugin.DataClient
	diagnostics grpcplugin.DiagnosticsClient
	resource    grpcplugin.ResourceClient
}

// must ends the program, and the plugin with it, where it cannot go on.
func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, "gohost:", err)
		plugin.CleanupClients()
		os.Exit(1)
	}
	return value
}

func read[T any](file string) (value T) {
	must(value, json.Unmarshal(must(os.ReadFile(file)), &value))
	return value
}

func start(executable string) *host {
	process := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion:  grpcplugin.ProtocolVersion,
			MagicCookieKey:   grpcplugin.MagicCookieKey,
			MagicCookieValue: grpcplugin.MagicCookieValue,
		},
		VersionedPlugins: map[int]plugin.PluginSet{grpcplugin.ProtocolVersion: {
			"data":        &grpcplugin.DataGRPCPlugin{},
			"diagnostics": &grpcplugin.DiagnosticsGRPCPlugin{},
			"resource":    &grpcplugin.ResourceGRPCPlugin{},
		}},
		Cmd:              exec.Command(executable),
		Managed:          true,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, Output: os.Stderr}),
	})
	rpc := must(process.Client())
	return &host{
		process:     process,
		rpc:         rpc,
		data:        must(rpc.Dispense("data")).(grpcplugin.DataClient),
		diagnostics: must(rpc.Dispense("diagnostics")).(grpcplugin.DiagnosticsClient),
		resource:    must(rpc.Dispense("resource")).(grpcplugin.ResourceClient),
	}
}

func (s settings) context(user *pluginv2.User) *pluginv2.PluginContext {
	return &pluginv2.PluginContext{
		OrgId: 1, PluginId: "leaklens-datasource", User: user,
		DataSourceInstanceSettings: &pluginv2.DataSourceInstanceSettings{
			Uid: s.UID, Name: s.Name, Url: s.URL,
			BasicAuthEnabled: s.BasicAuth, BasicAuthUser: s.BasicAuthUser,
			JsonData: s.JSONData, DecryptedSecureJsonData: s.SecureJSONData, LastUpdatedMS: 1,
		},
	}
}

func (r request) queries() (queries []*pluginv2.DataQuery) {
	for _, raw := range r.Queries {
		q := struct {
			RefID, QueryType          string
			MaxDataPoints, IntervalMs int64
		}{MaxDataPoints: 100, IntervalMs: 1000}
		must(q, json.Unmarshal(raw, &q))
		queries = append(queries, &pluginv2.DataQuery{
			RefId: q.RefID, QueryType: q.QueryType, Json: raw, MaxDataPoints: q.MaxDataPoints, IntervalMS: q.IntervalMs,
			TimeRange: &pluginv2.TimeRange{FromEpochMS: r.From, ToEpochMS: r.To},
		})
	}
	return queries
}

func (h *host) raw(c *pluginv2.PluginContext, queries ...*pluginv2.DataQuery) (*pluginv2.QueryDataResponse, error) {
	return h.data.QueryData(context.Background(), &pluginv2.QueryDataRequest{PluginContext: c, Queries: queries})
}

func (h *host) ask(c *pluginv2.PluginContext, queries ...*pluginv2.DataQuery) (*backend.QueryDataResponse, error) {
	raw, err := h.raw(c, queries...)
	if err != nil {
		return &backend.QueryDataResponse{}, err
	}
	return backend.FromProto().QueryDataResponse(raw)
}

// numberTable holds what Grafana's expression engine asks of an answer before an alert rule can read it: one
// frame without a time, text columns that label each row differently, and one number.
func numberTable(frames data.Frames) error {
	if len(frames) != 1 {
		return fmt.Errorf("%d frames, not one", len(frames))
	}
	numbers, seen := 0, map[string]bool{}
	for _, field := range frames[0].Fields {
		switch {
		case field.Type().Numeric():
			numbers++
		case field.Type() != data.FieldTypeString:
			return fmt.Errorf("column %s is %s: neither a number nor text that is never null", field.Name, field.Type())
		}
	}
	if numbers != 1 {
		return fmt.Errorf("%d numeric columns, not one", numbers)
	}
	for row := 0; row < frames[0].Rows(); row++ {
		labels := ""
		for _, field := range frames[0].Fields {
			if text, ok := field.At(row).(string); ok {
				labels += strconv.Quote(text)
			}
		}
		if seen[labels] {
			return fmt.Errorf("two rows are labelled %s", labels)
		}
		seen[labels] = true
	}
	return nil
}

var failed = false

func check(what string, err error) {
	if err != nil {
		failed = true
		fmt.Fprintf(os.Stderr, "FAILED  %s: %v\n", what, err)
		return
	}
	fmt.Fprintf(os.Stderr, "ok      %s\n", what)
}

func same[T comparable](got, wanted T) error {
	if got != wanted {
		return fmt.Errorf("%v, not %v", got, wanted)
	}
	return nil
}

func main() {
	executable := flag.String("plugin", "", "the plugin's executable")
	settingsFile := flag.String("settings", "", "a data source, one element of a provisioning file, as JSON")
	requestFile := flag.String("request", "", "the body of /api/ds/query; the queries with refId growth or `rule ...` must give number tables")
	answerFile := flag.String("answer", "", "where to keep the answer")
	flag.Parse()
	s, queries := read[settings](*settingsFile), read[request](*requestFile).queries()
	viewer := s.context(&pluginv2.User{Login: "anna", Role: "Viewer"})

	h := start(*executable)
	check("listens on a unix socket", same(h.process.ReattachConfig().Addr.Network(), "unix"))
	check("answers go-plugin's ping", h.rpc.Ping())

	raw := must(h.raw(viewer, queries...))
	must(raw, os.WriteFile(*answerFile, must(proto.Marshal(raw)), 0o600))
	answer := must(backend.FromProto().QueryDataResponse(raw))
	check("every query is answered", same(len(answer.Responses), len(queries)))
	for ref, response := range answer.Responses {
		check("query "+ref, response.Error)
	}
	tables := 0
	for ref, response := range answer.Responses {
		if ref == "growth" || strings.HasPrefix(ref, "rule ") {
			tables++
			check(ref+" is a number table", numberTable(response.Frames))
			check(ref+" has rows", same(len(response.Frames) > 0 && response.Frames[0].Rows() > 0, true))
		}
	}
	check("growth and the rules are asked", same(tables > 1, true))
	must(answer, json.NewEncoder(os.Stdout).Encode(answer))

	for role, user := range map[string]*pluginv2.User{"of nobody": nil, "empty": {Login: "a"}, "None": {Login: "a", Role: "None"}} {
		answer, err := h.ask(s.context(user), queries...)
		check("role "+role+" is served", errors.Join(err, same(len(answer.Responses), len(queries))))
	}

	broken := &pluginv2.DataQuery{RefId: "broken", Json: []byte("{"), TimeRange: queries[0].TimeRange}
	answer, err := h.ask(viewer, broken, queries[0])
	check("a malformed query does not fail the call", err)
	check("it has its own error", same(answer.Responses["broken"].Status, backend.StatusBadRequest))
	check("its neighbour has none", answer.Responses[queries[0].RefId].Error)
	pad := []byte(`{"queryType":"alerts","pad":"` + strings.Repeat("x", 15<<20) + `"}`)
	_, err = h.ask(viewer, &pluginv2.DataQuery{RefId: "large", TimeRange: queries[0].TimeRange, Json: pad})
	check("a message of 15 MiB comes in", err)

	health, err := h.diagnostics.CheckHealth(context.Background(), &pluginv2.CheckHealthRequest{PluginContext: viewer})
	check("health answers", err)
	check("health is OK: "+health.GetMessage(), same(health.GetStatus(), pluginv2.CheckHealthResponse_OK))
	_, err = h.diagnostics.CollectMetrics(context.Background(), &pluginv2.CollectMetricsRequest{PluginContext: viewer})
	check("metrics answer", err)
	lost := &pluginv2.CallResourceRequest{PluginContext: viewer, Path: "no/such", Method: "GET", Url: "no/such"}
	resource, err := must(h.resource.CallResource(context.Background(), lost)).Recv()
	check("an unknown resource is not found", errors.Join(err, same(resource.GetCode(), 404)))

	asked := time.Now()
	h.process.Kill()
	took := time.Since(asked)
	check(fmt.Sprintf("leaves when asked (%d ms)", took.Milliseconds()), same(took < killedAfter, true))
	if failed {
		os.Exit(1)
	}
}
