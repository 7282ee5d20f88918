package auth

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Device is what an SDK reports about its device.
type Device struct {
	ID   string // 24 hex characters; empty: not assigned yet
	Info bson.D // such as sdkVersion and platform
}

// Limits of the device information that is stored: it is untrusted input.
const (
	maxDeviceKeys  = 20
	maxDeviceKey   = 32
	maxDeviceValue = 256
)

// readDevice reads `options.device` from a login body. Everything in it is optional; invalid entries are skipped.
func readDevice(body bson.Raw) Device {
	d := Device{Info: bson.D{}}
	doc, ok := body.Lookup("options", "device").DocumentOK()
	if !ok {
		return d
	}
	elements, err := doc.Elements()
	if err != nil {
		return d
	}
	for _, e := range elements {
		key, v := e.Key(), e.Value()
		if key == "deviceId" {
			d.ID = deviceID(v)
			continue
		}
		text, ok := v.StringValueOK()
		if !ok || len(d.Info) == maxDeviceKeys || len(key) > maxDeviceKey || strings.ContainsAny(key, "$.\x00") || key == "" {
			continue
		}
		if len(text) > maxDeviceValue {
			text = strings.ToValidUTF8(text[:maxDeviceValue], "")
		}
		d.Info = append(d.Info, bson.E{Key: key, Value: text})
	}
	return d
}

// deviceID accepts both forms that SDKs send: an ObjectId, or its hex string.
func deviceID(v bson.RawValue) string {
	if id, ok := v.ObjectIDOK(); ok && !id.IsZero() {
		return id.Hex()
	}
	if text, ok := v.StringValueOK(); ok && validID(text) {
		return strings.ToLower(text)
	}
	return ""
}
