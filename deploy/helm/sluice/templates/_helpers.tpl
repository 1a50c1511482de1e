{{- define "sluice.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "sluice.selector" -}}
app.kubernetes.io/name: sluice
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "sluice.labels" -}}
{{ include "sluice.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "sluice.redisSelector" -}}
app.kubernetes.io/name: redis
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "sluice.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "sluice.name" .) }}
{{- end }}

{{/* "yes" if pods share state, so that there may be several. */}}
{{- define "sluice.shared" -}}
{{- if or .Values.redis.url .Values.redis.bundled }}yes{{ end }}
{{- end }}

{{- define "sluice.several" -}}
{{- if or .Values.autoscaling.enabled (gt (int .Values.replicas) 1) }}yes{{ end }}
{{- end }}

{{/* "yes" if SQLite's file needs a volume that outlives the pod. */}}
{{- define "sluice.persistent" -}}
{{- if and .Values.persistence.enabled (not .Values.postgresql.enabled) (not (include "sluice.shared" .)) }}yes{{ end }}
{{- end }}

{{/* What services set in their SDK: the name outside of the cluster if there is one. */}}
{{- define "sluice.baseUrl" -}}
{{- if .Values.ingress.enabled -}}
{{ ternary "https" "http" (ne .Values.ingress.tlsSecret "") }}://{{ .Values.ingress.host }}/v1
{{- else if and .Values.httpRoute.enabled .Values.httpRoute.hostnames -}}
https://{{ first .Values.httpRoute.hostnames }}/v1
{{- else -}}
http://{{ include "sluice.name" . }}.{{ .Release.Namespace }}:{{ .Values.service.port }}/v1
{{- end }}
{{- end }}

{{/* What the chart knows, overridden by what the user gives. */}}
{{- define "sluice.config" -}}
{{- $drain := .Values.drain }}
{{- $known := dict
  "listen" (dict "base-url" (include "sluice.baseUrl" .))
  "admin" (dict "host" "0.0.0.0" "token" "file:/run/secrets/sluice/admin-token")
  "drain" (dict "delay" (printf "%ds" (int $drain.delay)) "grace" (printf "%ds" (int $drain.grace)) "idle" (printf "%ds" (int $drain.idle)))
  "ledger" (dict "url" "${LEDGER_URL:sqlite:/var/lib/sluice/sluice.db}" "spool" (dict "dir" "/var/lib/sluice/spool" "max-size" "64MiB")) }}
{{- if include "sluice.shared" . }}
{{- $most := ternary (int .Values.autoscaling.maxReplicas) (int .Values.replicas) .Values.autoscaling.enabled }}
{{- $url := ternary (printf "redis://%s-redis:6379" (include "sluice.name" .)) .Values.redis.url .Values.redis.bundled }}
{{- $redis := dict "url" $url "mode" .Values.redis.mode "max-replicas" (max 1 $most) }}
{{- if .Values.redis.passwordKey }}
{{- $redis = set $redis "password" (printf "file:/run/secrets/sluice/%s" .Values.redis.passwordKey) }}
{{- end }}
{{- $known = set $known "redis" $redis }}
{{- end }}
{{- toYaml (mergeOverwrite $known (deepCopy .Values.config)) }}
{{- end }}

{{- define "sluice.check" -}}
{{- if and (include "sluice.several" .) (not (include "sluice.shared" .)) }}
{{- fail "more than one pod needs Redis: set redis.url or redis.bundled, or each pod would spend the account's whole quota" }}
{{- end }}
{{- if and .Values.redis.url .Values.redis.bundled }}
{{- fail "redis.url and redis.bundled exclude each other" }}
{{- end }}
{{- if and .Values.redis.bundled (not .Values.redis.passwordKey) }}
{{- fail "redis.bundled needs redis.passwordKey" }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}
{{- fail "ingress.host is missing" }}
{{- end }}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) }}
{{- fail "httpRoute.parentRefs is empty" }}
{{- end }}
{{- end }}
